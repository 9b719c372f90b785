-- One call's context, and the records it reads and writes.
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
  local state, tier, channel, version, since_ms, at_ms, cause, is_counted, agent_id, deadline_ms, only_agent, assigned_ms, barred_until_ms, is_expedited, reason =
    cmsgpack.unpack(raw)
  w = {
    work_id = id,
    state = state,
    tier = tier,
    channel = channel,
    queue = channel .. ':' .. tier,
    version = version,
    since_ms = since_ms,
    at_ms = at_ms,
    cause = cause,
    is_counted = is_counted,
    agent_id = agent_id,
    deadline_ms = deadline_ms,
    only_agent = only_agent,
    assigned_ms = assigned_ms,
    barred_until_ms = barred_until_ms,
    is_expedited = is_expedited,
    reason = reason,
  }
  c.works[id] = w
  return w
end

local function get_work(c, id)
  return find_work(c, id) or fail('UNKNOWNWORK', id)
end

-- To be stored at the end of the call.
local function keep_work(c, w)
  c.works[w.work_id] = w
  if not w.is_kept then
    w.is_kept = true
    c.kept[#c.kept + 1] = w
  end
end

local function store_works(c)
  local row = {}
  for _, w in ipairs(c.kept) do
    row[#row + 1] = w.work_id
    row[#row + 1] = cmsgpack.pack(
      w.state, w.tier, w.channel, w.version, w.since_ms, w.at_ms, w.cause, w.is_counted, w.agent_id,
      w.deadline_ms, w.only_agent, w.assigned_ms, w.barred_until_ms, w.is_expedited, w.reason
    )
    if #row >= 200 then
      redis.call('HSET', key(c, 'work'), unpack(row))
      row = {}
    end
  end
  if #row > 0 then
    redis.call('HSET', key(c, 'work'), unpack(row))
  end
end

-- The item as JSON. Its reason is kept as JSON: it is written once and only ever passed on.
local function describe_work(w)
  return string.format(
    '{"work_id":%s,"state":"%s","tier":"%s","channel":"%s","version":%d,"since_ms":%d,"at_ms":%d,"cause":%s%s%s%s%s%s%s}',
    quoted(w.work_id), w.state, w.tier, w.channel, w.version, w.since_ms, w.at_ms, quoted(w.cause),
    w.agent_id and ',"agent_id":' .. quoted(w.agent_id) or '',
    w.deadline_ms and string.format(',"deadline_ms":%d', w.deadline_ms) or '',
    w.only_agent and ',"only_agent":' .. quoted(w.only_agent) or '',
    w.assigned_ms and string.format(',"assigned_ms":%d', w.assigned_ms) or '',
    w.is_expedited and ',"is_expedited":true' or '',
    w.reason and ',"reason":' .. w.reason or ''
  )
end

-- Where a queued item stands.
local function line_of(c, w)
  return w.only_agent and key(c, 'direct:' .. w.only_agent) or line(c, w.queue)
end

-- Its place there. Expedited items stand before all others, in the order of their original times.
local function score_of(w)
  return w.is_expedited and not w.only_agent and w.since_ms - STEP or w.since_ms
end

local function since_of(score)
  if score < 0 then
    return score + STEP, true
  end
  return score, false
end

-- What agents can take ----------------------------------------------------------------------------

-- Sums up what he holds: `load` the cost of all, `firm` of what cannot be interrupted.
local function measure(c, a)
  a.load, a.firm, a.is_exclusive = 0, 0, false
  for _, channel in ipairs(a.channels) do
    local rule = c.cfg.channels[channel]
    a.load = a.load + rule.cost
    if not rule.is_interruptible then
      a.firm = a.firm + rule.cost
    end
    a.is_exclusive = a.is_exclusive or rule.is_exclusive
  end
end

local function has_room(c, a, channel)
  local rule = c.cfg.channels[channel]
  if a.is_exclusive or (rule.is_exclusive and a.firm > 0) then
    return false
  end
  return (rule.is_interruptible and a.load or a.firm) + rule.cost <= a.capacity
end

-- One offer at a time: `offered` is the item of `held` that awaits his decision. More at once would run out
-- while he decides on the first, and count as misses.
local function can_take(c, a, channel)
  return a.state == 'ready' and not a.is_unstable and not a.offered and has_room(c, a, channel)
end

-- How many items of a channel an agent of this capacity may hold.
local function slots_of(c, capacity, channel)
  local rule = c.cfg.channels[channel]
  local slots = math.floor(capacity / rule.cost)
  return rule.is_exclusive and math.min(slots, 1) or slots
end

-- What he has to leave for other work: all he can while something holds him exclusively, else the latest as
-- far as he is over his capacity. Nil when nothing.
local function interrupted(c, a)
  local over = a.is_exclusive and math.huge or a.load - a.capacity
  if a.load == a.firm or over <= 0 then
    return nil
  end
  local ids = {}
  for i = #a.held, 1, -1 do
    local rule = c.cfg.channels[a.channels[i]]
    if rule.is_interruptible and over > 0 then
      table.insert(ids, 1, a.held[i])
      over = over - rule.cost
    end
  end
  return #ids > 0 and ids or nil
end

-- Agents ------------------------------------------------------------------------------------------

local function interrupted_ids(c, a)
  return table.concat(a.load > a.firm and interrupted(c, a) or {}, ' ')
end

-- Remembers what others see of him. His groups and levels are news when they are set.
local function note_shown(c, a)
  a.old_state, a.old_reason, a.old_load, a.old_capacity, a.was_unstable, a.old_interrupted =
    a.state, a.reason, a.load, a.capacity, a.is_unstable, interrupted_ids(c, a)
end

local function is_news(c, a)
  return a.is_news or a.state ~= a.old_state or a.reason ~= a.old_reason or a.load ~= a.old_load
    or a.capacity ~= a.old_capacity or a.is_unstable ~= a.was_unstable
    or interrupted_ids(c, a) ~= a.old_interrupted
end

local function unpack_agent(c, id, raw)
  local state, reason, groups, levels, capacity, idle_since_ms, misses, is_unstable, held, channels, offered, direct, barred_until_ms, listed, place, open =
    cmsgpack.unpack(raw)
  local a = {
    agent_id = id,
    state = state,
    reason = reason,
    groups = groups,
    levels = levels,
    capacity = capacity,
    idle_since_ms = idle_since_ms,
    misses = misses,
    is_unstable = is_unstable,
    held = held,
    channels = channels,
    offered = offered,
    direct = direct,
    barred_until_ms = barred_until_ms,
    listed = listed,
    place = place,
    open = open,
  }
  measure(c, a)
  note_shown(c, a)
  c.agents[id] = a
  return a
end

local function find_agent(c, id)
  local a = c.agents[id]
  if a then
    return a
  end
  local raw = redis.call('HGET', key(c, 'agents'), id)
  return raw and unpack_agent(c, id, raw) or nil
end

local function get_agent(c, id)
  return find_agent(c, id) or fail('UNKNOWNAGENT', id)
end

local function all_agents(c)
  local agents = {}
  local rows = redis.call('HGETALL', key(c, 'agents'))
  for i = 1, #rows, 2 do
    agents[#agents + 1] = c.agents[rows[i]] or unpack_agent(c, rows[i], rows[i + 1])
  end
  table.sort(agents, function(x, y)
    return x.agent_id < y.agent_id
  end)
  return agents
end

local function new_agent(c, id)
  local a = {
    agent_id = id,
    state = 'offline',
    groups = '', -- their codes, with commas between
    capacity = 1,
    idle_since_ms = c.now,
    misses = 0,
    held = {},
    channels = {},
    direct = 0, -- items waiting for him alone
  }
  measure(c, a)
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

local function hold(c, a, w)
  a.held[#a.held + 1], a.channels[#a.channels + 1] = w.work_id, w.channel
  a.offered = w.state == 'offered' and w.work_id or a.offered
  measure(c, a)
  touch(c, a)
end

local function release(c, a, w)
  for i, id in ipairs(a.held) do
    if id == w.work_id then
      table.remove(a.held, i)
      table.remove(a.channels, i)
      break
    end
  end
  if a.offered == w.work_id then
    a.offered = nil
  end
  measure(c, a)
  touch(c, a)
  c.freed[#c.freed + 1] = a
end

local function groups_of(a)
  local groups = {}
  for code in string.gmatch(a.groups, '[^,]+') do
    groups[#groups + 1] = code
  end
  return groups
end

local function describe_agent(c, a)
  return {
    agent_id = a.agent_id,
    state = a.state,
    reason = a.reason,
    groups = a.groups ~= '' and groups_of(a) or nil,
    levels = a.levels,
    capacity = a.capacity,
    load = a.load,
    work_ids = #a.held > 0 and a.held or nil,
    interrupted = interrupted(c, a),
    is_unstable = a.is_unstable,
    idle_since_ms = a.idle_since_ms,
  }
end

-- The queues he serves, in rank order, and under `of` by queue: on which terms, with which level of skill
-- (of his groups that serve it, the best).
local function serves(c, a)
  if a.serves then
    return a.serves
  end
  local cfg, name = c.cfg, a.groups
  for _, group in ipairs(a.levels and groups_of(a) or {}) do
    name = name .. '|' .. (a.levels[group] or 1)
  end
  local served = cfg.served[name]
  if not served then
    served = { of = {} }
    for _, group in ipairs(groups_of(a)) do
      local level = a.levels and a.levels[group] or 1
      for _, terms in ipairs(cfg.groups[group] or {}) do
        local s = served.of[terms.queue]
        if not s then
          s = { queue = terms.queue, q = cfg.queues[terms.queue], level = level, terms = {} }
          s.channel = s.q.channel
          served.of[terms.queue], served[#served + 1] = s, s
        end
        s.level = math.min(s.level, level)
        s.is_at_once = s.is_at_once or terms.is_at_once
        s.terms[#s.terms + 1] = terms
      end
    end
    table.sort(served, function(x, y)
      return x.q.place < y.q.place
    end)
    if cfg.served_kept >= 2000 then
      cfg.served, cfg.served_kept = {}, 0
    end
    cfg.served[name], cfg.served_kept = served, cfg.served_kept + 1
  end
  a.serves = served
  return served
end

-- Whether what waits in a queue since then may be served on these terms by now; expedited work always.
local function is_open(c, s, since_ms, is_expedited)
  if s.is_at_once or is_expedited then
    return true
  end
  for _, terms in ipairs(s.terms) do
    if
      c.now - since_ms >= terms.after_ms
      and (terms.longer_than == 0 or redis.call('ZCARD', line(c, s.queue)) > terms.longer_than)
    then
      return true
    end
  end
  return false
end

local function ready_list(c, s)
  return key(c, (s.is_at_once and 'ready:' or 'wide:') .. s.queue)
end

-- Adds an agent's slots to the queues he serves at once, and once to each channel he serves.
local function add_slots(c, a, capacity, sign)
  local channels = {}
  for _, s in ipairs(serves(c, a)) do
    local slots = sign * slots_of(c, capacity, s.channel)
    if s.is_at_once then
      redis.call('HINCRBY', key(c, 'slots'), s.queue, slots)
    end
    if not channels[s.channel] then
      channels[s.channel] = true
      redis.call('HINCRBY', key(c, 'slots'), '@' .. s.channel, slots)
    end
  end
end

-- Takes an agent off the ready lists; needed before his groups or the configuration change.
local function unlist(c, a)
  if a.listed then
    for _, s in ipairs(serves(c, a)) do
      redis.call('ZREM', ready_list(c, s), a.agent_id)
    end
    add_slots(c, a, a.listed, -1)
    a.listed, a.place, a.open = nil, nil, nil
  end
  a.serves = nil
end

-- How well he suits, the lower the better: by occupancy in percent and then by how long he has been idle.
local function place_of(c, a)
  if c.cfg.agent_choice == 'longest_idle' then
    return a.idle_since_ms
  end
  return math.floor(100 * math.min(a.load, a.capacity) / a.capacity) * STEP + a.idle_since_ms
end

-- Brings the ready lists up to date with an agent. `listed` is the capacity counted for him in `slots`,
-- `place` his place in the lists of the channels he can take, `open`: which these are, as 0 and 1.
local function rank(c, a)
  a.is_ranked = true
  if a.state ~= 'ready' or a.is_unstable then
    return unlist(c, a)
  end
  local open, place = '', place_of(c, a)
  for _, channel in ipairs(c.cfg.channels_served) do
    open = open .. (can_take(c, a, channel) and '1' or '0')
  end
  if a.listed ~= a.capacity then
    if a.listed then
      add_slots(c, a, a.listed, -1)
    end
    add_slots(c, a, a.capacity, 1)
  elseif a.open == open and (a.place == place or not string.find(open, '1', 1, true)) then
    return
  end
  for _, s in ipairs(serves(c, a)) do
    local i = s.q.rule.place
    local is_now, was = string.byte(open, i) == 49, a.open and string.byte(a.open, i) == 49
    if is_now or was or not a.listed then
      local skill = c.cfg.agent_choice == 'most_skilled' and (s.level - 1) * LEVELS * STEP or 0
      redis.call('ZADD', ready_list(c, s), is_now and place + skill or FULL, a.agent_id)
    end
  end
  a.listed, a.place, a.open = a.capacity, place, open
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
        a.state, a.reason, a.groups, a.levels, a.capacity, a.idle_since_ms, a.misses, a.is_unstable, a.held,
        a.channels, a.offered, a.direct, a.barred_until_ms, a.listed, a.place, a.open
      )
    )
    if is_news(c, a) then
      local data = describe_agent(c, a)
      data.at_ms = c.now
      emit(c, 'agent', cjson.encode(data))
    end
  end
end
