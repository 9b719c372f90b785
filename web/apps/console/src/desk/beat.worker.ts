// Browsers slow the timers of a tab that is out of sight down to one a minute, which would read as an agent
// who is gone. A worker's timers keep their pace.
setInterval(() => postMessage('beat'), 5_000)
