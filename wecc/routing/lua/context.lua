-- One call's context: the keys of a center, its configuration, the time, the outbox.
--
-- Every key of a center is derived from the prefix `wecc:{<center>}`, so all of them share one slot:
--   loaded           marker: layout and digest of the configuration; absent = rebuild first
--   cfg              hash: version (digest), json
--   work             hash: work id -> packed item, live ones and for a while ended ones
--   agents           hash: agent id -> packed agent
--   q:<queue>        zset: waiting work by original time, expedited work before all others; a queue is
--                    `<channel>:<tier>`
--   counted:<queue>  zset: of these, the ones counted already that the watermark has not passed, see counts.lua
--   direct:<agent>   zset: work waiting for this agent only, by original time
--   ready:<queue>    zset: ready agents who serve it at once, by how well they suit; last those who can take
--                    nothing of its channel now: no room left, or an offer open
--   wide:<queue>     zset: likewise, those who serve it only for who waits long or while many wait
--   queues           set: every queue there was since the last flush
--   slots            hash: queue -> items its ready agents may hold; `@<channel>` -> those of the channel
--   due              zset: work by deadline (offers, wrap-ups, direct waits)
--   barred           zset: `agent\nwork` by the time until which this work is not offered to this agent
--   beat, silent     zset: stable and unstable agents by last heartbeat
--   ended            list: `time id` of ended work, oldest first
--   rate             hash: counts of every queue, see counts.lua
--   turns            decisions made while a late caller waited, see gap_live
--   events           stream: the outbox
--   rebuild          token of the process that rebuilds

local LAYOUT = '3' -- of the packed records; a center stored in another layout counts as not loaded
local EVENTS_KEPT = 100000
local TRIM_EVERY = 50 -- events
local STEP = 2 ^ 42 -- above any time in ms, so what it counts weighs more than a time
local FULL = 2 ^ 52 -- the score of an agent who can take nothing now
local LEVELS = 101 -- occupancy, 0 ... 100 %, weighs less than one level of skill

local HELD = { offered = true, assigned = true, wrap_up = true }
local ENDED = { closed = true, abandoned = true, overflowed = true }

local function fail(code, about)
  error({ err = code .. ' ' .. (about or '') })
end

local function key(c, name)
  local full = c.keys[name]
  if not full then
    full = c.prefix .. ':' .. name
    c.keys[name] = full
  end
  return full
end

-- The key of a queue.
local function line(c, queue)
  local full = c.lines[queue]
  if not full then
    full = c.prefix .. ':q:' .. queue
    c.lines[queue] = full
  end
  return full
end

-- Names of keys by center, so that they are not put together again and again.
local names, names_kept = {}, 0

local function names_of(prefix)
  local known = names[prefix]
  if not known then
    if names_kept >= 64 then
      names, names_kept = {}, 0
    end
    known = { keys = {}, lines = {} }
    names[prefix], names_kept = known, names_kept + 1
  end
  return known
end

-- Decoded configurations by digest. The digest names the content, so an entry can never be stale.
local configs, configs_kept = {}, 0

local function load_config(prefix, digest)
  local cfg = configs[digest]
  if cfg then
    return cfg
  end
  local stored = redis.call('HMGET', prefix .. ':cfg', 'version', 'json')
  if stored[1] ~= digest then
    fail('NOTLOADED', 'the configuration is missing')
  end
  cfg = cjson.decode(stored[2])
  cfg.order, cfg.served, cfg.served_kept = {}, {}, 0
  for queue, q in pairs(cfg.queues) do
    cfg.order[#cfg.order + 1] = queue
    q.queue = queue
    q.json = string.format(
      '{"tier":"%s","channel":"%s","rank":%d,"target":%.14g,', q.tier, q.channel, q.rank, q.target
    )
  end
  table.sort(cfg.order, function(x, y)
    local first, second = cfg.queues[x].rank, cfg.queues[y].rank
    return first < second or (first == second and x < y)
  end)
  cfg.channels_served, cfg.wide = {}, {}
  for i, queue in ipairs(cfg.order) do
    local q = cfg.queues[queue]
    q.place, q.rule = i, cfg.channels[q.channel]
    if not q.rule.place then
      cfg.channels_served[#cfg.channels_served + 1] = q.channel
      q.rule.place = #cfg.channels_served
    end
  end
  for _, group in pairs(cfg.groups) do
    for _, terms in ipairs(group) do
      terms.is_at_once = terms.after_ms == 0 and terms.longer_than == 0
      if not terms.is_at_once then
        local wide = cfg.wide[terms.queue] or { queue = terms.queue, terms = {} }
        wide.terms[#wide.terms + 1] = terms
        cfg.wide[terms.queue] = wide
      end
    end
  end
  if configs_kept >= 64 then
    configs, configs_kept = {}, 0
  end
  configs[digest], configs_kept = cfg, configs_kept + 1
  return cfg
end

local function server_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function new_context(prefix, now_ms, digest)
  local known = names_of(prefix)
  return {
    prefix = prefix,
    keys = known.keys,
    lines = known.lines,
    now = tonumber(now_ms) or server_ms(),
    cfg = load_config(prefix, digest),
    works = {}, -- loaded items, so that everybody changes the same table
    kept = {}, -- items to store at the end
    agents = {}, -- loaded agents, likewise
    touched = {}, -- agents to store at the end, in order
    counts = {}, -- counts read, by field of `rate`
    counted = {}, -- those to store at the end
    waiting = {}, -- items that came into a queue in this call
    freed = {}, -- agents who may take work again
    offers = 0, -- made in this call
  }
end

local emitted = 0

local function emit(c, kind, data)
  emitted = emitted + 1
  if emitted % TRIM_EVERY == 0 then
    redis.call('XTRIM', key(c, 'events'), 'MAXLEN', '~', EVENTS_KEPT)
  end
  redis.call('XADD', key(c, 'events'), '*', 'kind', kind, 'data', data)
end

-- JSON of a string. Most hold nothing that needs an escape.
local function quoted(text)
  if string.find(text, '^[%w _.:-]*$') then
    return '"' .. text .. '"'
  end
  return cjson.encode(text)
end
