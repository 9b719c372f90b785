-- Whom an agent serves on which terms, and the lists from which free agents are taken.

-- The queues he serves, in rank order, and under `of` by queue: on which terms, with which level of skill
-- (of his groups that serve it, the best); under `queues` as configured.
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
    served.queues = {}
    for i, s in ipairs(served) do
      served.queues[i] = s.q
    end
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
      and (terms.longer_than == 0 or redis.call('ZCARD', c.lines[s.queue]) > terms.longer_than)
    then
      return true
    end
  end
  return false
end

local function ready_list(c, s)
  return c.keys[(s.is_at_once and 'ready:' or 'wide:') .. s.queue]
end

-- Adds an agent's slots to the queues he serves at once, and once to each channel he serves.
local function add_slots(c, a, capacity, sign)
  local channels = {}
  for _, s in ipairs(serves(c, a)) do
    local slots = sign * slots_of(c, capacity, s.channel)
    if s.is_at_once then
      redis.call('HINCRBY', c.keys.slots, s.queue, slots)
    end
    if not channels[s.channel] then
      channels[s.channel] = true
      redis.call('HINCRBY', c.keys.slots, '@' .. s.channel, slots)
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
  local open = a.offered and c.cfg.none_open or ''
  if not a.offered then
    for _, channel in ipairs(c.cfg.channels_served) do
      open = open .. (can_take(c, a, channel) and '1' or '0')
    end
  end
  if a.listed ~= a.capacity then
    if a.listed then
      add_slots(c, a, a.listed, -1)
    end
    add_slots(c, a, a.capacity, 1)
  elseif a.open == open and (not string.find(open, '1', 1, true) or a.place == place_of(c, a)) then
    return
  end
  local place = place_of(c, a)
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
    write_record(
      c,
      'agent ' .. a.agent_id,
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
