-- Agents coming, pausing, falling silent, leaving.

-- Takes back what waits for an agent's decision.
local function withdraw(c, a, cause)
  if a.offered then
    requeue(c, get_work(c, a.offered), cause)
  end
  if a.direct > 0 then
    for _, id in ipairs(redis.call('ZRANGE', c.keys['direct:' .. a.agent_id], 0, -1)) do
      requeue(c, get_work(c, id), cause)
    end
  end
end

local function pause(c, a, reason)
  a.state, a.reason, a.misses = 'paused', reason, 0
  touch(c, a)
  withdraw(c, a, 'agent_paused')
end

-- His conversations go back to the front of their queues: the original time of asking puts them there.
local function depart(c, a, reason, cause)
  a.state, a.reason, a.misses, a.is_unstable = 'offline', reason, 0, nil
  touch(c, a)
  redis.call('ZREM', c.keys.beat, a.agent_id)
  redis.call('ZREM', c.keys.silent, a.agent_id)
  withdraw(c, a, cause)
  for _, id in ipairs({ unpack(a.held) }) do
    local w = get_work(c, id)
    if w.state == 'assigned' then
      count_handled(c, w)
      requeue(c, w, cause)
    else
      finish_life(c, w, 'closed', cause)
    end
  end
end

-- Who is to leave when nothing holds him any more, leaves then. The reason of his pause says so: it outlives
-- the store.
local DRAINING = 'draining'

local function release_drained(c)
  for _, a in ipairs(c.touched) do
    if a.state == 'paused' and a.reason == DRAINING and #a.held == 0 then
      depart(c, a, 'drained', 'agent_left')
    end
  end
end

-- An offer that was declined or ran out: the caller keeps his place, the agent has one miss more.
local function miss(c, w, cause)
  local a = get_agent(c, w.agent_id)
  a.misses, a.idle_since_ms = a.misses + 1, c.now
  bar(c, w, a)
  requeue(c, w, cause)
  if a.misses >= c.cfg.misses then
    pause(c, a, 'not_responding')
  end
end

local function beat(c, a)
  redis.call('ZADD', c.keys.beat, c.now, a.agent_id)
  redis.call('ZREM', c.keys.silent, a.agent_id)
  if a.is_unstable then
    a.is_unstable = nil
    touch(c, a)
    c.freed[#c.freed + 1] = a
  end
end
