-- Agents as they are stored and told, and what they have room for.

-- What agents can take ----------------------------------------------------------------------------

-- Sums up what he holds: `load` the cost of all, `firm` of what cannot be interrupted.
local function measure(c, a)
  a.load, a.firm, a.is_exclusive = 0, 0, false
  for i = 1, #a.channels do
    local rule = c.cfg.channels[a.channels[i]]
    a.load = a.load + rule.cost
    if not rule.is_interruptible then
      a.firm = a.firm + rule.cost
    end
    a.is_exclusive = a.is_exclusive or rule.is_exclusive
  end
end

-- Nothing fits beside what he holds.
local function is_full(a)
  return a.is_exclusive or a.firm >= a.capacity
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
  return a.load > a.firm and table.concat(interrupted(c, a) or {}, ' ') or ''
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
    load = 0, -- and so on: what comes next is named here, so that the table has its size at once
    firm = 0,
    is_exclusive = false,
    is_touched = false,
    is_ranked = false,
    old_state = state,
    old_reason = reason,
    old_load = 0,
    old_capacity = capacity,
    was_unstable = is_unstable,
    old_interrupted = '',
    serves = false,
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
  local raw = read_record(c, 'agent ' .. id)
  return raw and unpack_agent(c, id, raw) or nil
end

local function get_agent(c, id)
  return find_agent(c, id) or fail('UNKNOWNAGENT', id)
end

local function all_agents(c)
  local agents, fields = {}, {}
  local ids = redis.call('SMEMBERS', c.keys.agents)
  for i, id in ipairs(ids) do
    fields[i] = 'agent ' .. id
  end
  prefetch_records(c, fields)
  for i, id in ipairs(ids) do
    agents[i] = get_agent(c, id)
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
  redis.call('SADD', c.keys.agents, id)
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
