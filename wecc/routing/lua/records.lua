-- One call's context, and the records it reads and writes.
--
-- Every key of a center is derived from the prefix `wecc:{<center>}`, so all of them share one slot:
--   loaded          marker: layout and digest of the configuration; absent = rebuild first
--   cfg             hash: version (digest), json
--   work            hash: work id -> packed item, live ones and for a while ended ones
--   agents          hash: agent id -> packed agent
--   q:<queue>       zset: waiting work by original time; a queue is `<channel>:<tier>`
--   direct:<agent>  zset: work waiting for this agent only, by original time
--   ready:<queue>   zset: ready agents by load, then by how long they have been idle; last those who can
--                   take nothing now: no room left, or an offer open
--   queues          set: every queue there was since the last flush
--   live            hash: queue -> items that have not ended
--   slots           hash: queue -> capacity of its ready agents
--   due             zset: work by deadline (offers, wrap-ups, direct waits)
--   barred          zset: `agent\nwork` by the time until which this work is not offered to this agent
--   beat, silent    zset: stable and unstable agents by last heartbeat
--   ended           zset: ended work by time
--   rate            hash: counts of every queue, see counts.lua
--   turns           decisions made while a late caller waited, see gap_live
--   events          stream: the outbox
--   rebuild         token of the process that rebuilds

local LAYOUT = '2' -- of the packed records; a center stored in another layout counts as not loaded
local EVENTS_KEPT = 100000
local LOAD_STEP = 2 ^ 42 -- above any time in ms, so load weighs more than idleness
local FULL = 2 ^ 52 -- the score of an agent who can take nothing now

local HELD = { offered = true, assigned = true, wrap_up = true }
local ENDED = { closed = true, abandoned = true, overflowed = true }

local function fail(code, about)
  error({ err = code .. ' ' .. (about or '') })
end

local function key(c, name)
  return c.prefix .. ':' .. name
end

-- Decoded configurations by digest. The digest names the content, so an entry can never be stale.
local configs, configs_kept = {}, 0

local function sort_by_rank(cfg, queues)
  table.sort(queues, function(x, y)
    local first, second = cfg.queues[x].rank, cfg.queues[y].rank
    return first < second or (first == second and x < y)
  end)
end

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
  cfg.served = {}
  cfg.order = {}
  for queue in pairs(cfg.queues) do
    cfg.order[#cfg.order + 1] = queue
  end
  sort_by_rank(cfg, cfg.order)
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
  return {
    prefix = prefix,
    now = tonumber(now_ms) or server_ms(),
    cfg = load_config(prefix, digest),
    works = {}, -- loaded items, so that everybody changes the same table
    agents = {}, -- loaded agents, likewise
    touched = {}, -- agents to store at the end, in order
    counts = {}, -- counts read, by field of `rate`
    counted = {}, -- those to store at the end
    waiting = {}, -- items that came into a queue in this call
    freed = {}, -- agents who may take work again
    offers = 0, -- made in this call
  }
end

local function emit(c, kind, data)
  redis.call('XADD', key(c, 'events'), 'MAXLEN', '~', EVENTS_KEPT, '*', 'kind', kind, 'data', cjson.encode(data))
end

-- Work items --------------------------------------------------------------------------------------

local function find_work(c, id)
  local w = c.works[id]
  if w then
    return w
  end
  local raw = redis.call('HGET', key(c, 'work'), id)
  if not raw then
    return nil
  end
  w = { work_id = id }
  w.state, w.tier, w.channel, w.version, w.since_ms, w.at_ms, w.cause, w.is_counted, w.agent_id, w.deadline_ms, w.only_agent, w.assigned_ms, w.barred_until_ms, w.reason =
    cmsgpack.unpack(raw)
  c.works[id] = w
  return w
end

local function get_work(c, id)
  return find_work(c, id) or fail('UNKNOWNWORK', id)
end

local function store_work(c, w)
  c.works[w.work_id] = w
  redis.call(
    'HSET',
    key(c, 'work'),
    w.work_id,
    cmsgpack.pack(
      w.state, w.tier, w.channel, w.version, w.since_ms, w.at_ms, w.cause, w.is_counted, w.agent_id,
      w.deadline_ms, w.only_agent, w.assigned_ms, w.barred_until_ms, w.reason
    )
  )
end

local function describe_work(w)
  return {
    work_id = w.work_id,
    state = w.state,
    tier = w.tier,
    channel = w.channel,
    version = w.version,
    since_ms = w.since_ms,
    at_ms = w.at_ms,
    cause = w.cause,
    agent_id = w.agent_id,
    deadline_ms = w.deadline_ms,
    only_agent = w.only_agent,
    assigned_ms = w.assigned_ms,
    reason = w.reason,
  }
end

local function queue_of(w)
  return w.channel .. ':' .. w.tier
end

-- Where a queued item stands.
local function line_of(c, w)
  return key(c, w.only_agent and 'direct:' .. w.only_agent or 'q:' .. queue_of(w))
end

-- Agents ------------------------------------------------------------------------------------------

local function visible(a)
  return table.concat(
    { a.state, a.reason or '', tostring(a.is_unstable), #a.held, a.capacity, table.concat(a.groups, ',') },
    '\n'
  )
end

local function find_agent(c, id)
  local a = c.agents[id]
  if a then
    return a
  end
  local raw = redis.call('HGET', key(c, 'agents'), id)
  if not raw then
    return nil
  end
  a = { agent_id = id }
  a.state, a.reason, a.groups, a.capacity, a.idle_since_ms, a.misses, a.is_unstable, a.held, a.offered, a.barred_until_ms, a.listed, a.score =
    cmsgpack.unpack(raw)
  a.shown = visible(a)
  c.agents[id] = a
  return a
end

local function get_agent(c, id)
  return find_agent(c, id) or fail('UNKNOWNAGENT', id)
end

local function new_agent(c, id)
  local a = { agent_id = id, state = 'offline', groups = {}, capacity = 1, idle_since_ms = c.now, misses = 0, held = {} }
  c.agents[id] = a
  return a
end

local function touch(c, a)
  if not a.is_touched then
    a.is_touched = true
    c.touched[#c.touched + 1] = a
  end
  a.is_ranked = false
end

local function describe_agent(a)
  return {
    agent_id = a.agent_id,
    state = a.state,
    reason = a.reason,
    groups = #a.groups > 0 and a.groups or nil,
    capacity = a.capacity,
    load = #a.held,
    work_ids = #a.held > 0 and a.held or nil,
    is_unstable = a.is_unstable,
    idle_since_ms = a.idle_since_ms,
  }
end

-- The queues an agent serves: a list in rank order, and the same as a set.
local function served_by(c, a)
  local name = table.concat(a.groups, ',')
  local served = c.cfg.served[name]
  if served then
    return served
  end
  served = { set = {} }
  for _, group in ipairs(a.groups) do
    for _, queue in ipairs(c.cfg.groups[group] or {}) do
      if not served.set[queue] then
        served.set[queue] = true
        served[#served + 1] = queue
      end
    end
  end
  sort_by_rank(c.cfg, served)
  c.cfg.served[name] = served
  return served
end

-- One offer at a time: `offered` is the item of `held` that awaits his decision. More at once would run out
-- while he decides on the first, and count as misses.
local function can_take(a)
  return not a.offered and #a.held < a.capacity
end

local function is_free(a)
  return a.state == 'ready' and not a.is_unstable and can_take(a)
end

-- Takes an agent off the ready lists; needed before his groups or the configuration change.
local function unlist(c, a)
  if not a.listed then
    return
  end
  for _, queue in ipairs(served_by(c, a)) do
    redis.call('ZREM', key(c, 'ready:' .. queue), a.agent_id)
    redis.call('HINCRBY', key(c, 'slots'), queue, -a.listed)
  end
  a.listed, a.score = nil, nil
end

-- Brings the ready lists up to date with an agent. `listed` is the capacity counted for him in `slots`,
-- `score` his place in the lists.
local function rank(c, a)
  a.is_ranked = true
  if a.state ~= 'ready' or a.is_unstable then
    return unlist(c, a)
  end
  local score = FULL
  if can_take(a) then
    score = #a.held * LOAD_STEP + a.idle_since_ms
  end
  local grown = a.capacity - (a.listed or 0)
  if grown == 0 and score == a.score then
    return
  end
  for _, queue in ipairs(served_by(c, a)) do
    redis.call('ZADD', key(c, 'ready:' .. queue), string.format('%.0f', score), a.agent_id)
    if grown ~= 0 then
      redis.call('HINCRBY', key(c, 'slots'), queue, grown)
    end
  end
  a.listed, a.score = a.capacity, score
end

local function rank_touched(c)
  for _, a in ipairs(c.touched) do
    if not a.is_ranked then
      rank(c, a)
    end
  end
end

local function store_agents(c)
  rank_touched(c)
  for _, a in ipairs(c.touched) do
    redis.call(
      'HSET',
      key(c, 'agents'),
      a.agent_id,
      cmsgpack.pack(
        a.state, a.reason, a.groups, a.capacity, a.idle_since_ms, a.misses, a.is_unstable, a.held,
        a.offered, a.barred_until_ms, a.listed, a.score
      )
    )
    local shown = visible(a)
    if shown ~= a.shown then
      local data = describe_agent(a)
      data.at_ms = c.now
      emit(c, 'agent', data)
    end
  end
end
