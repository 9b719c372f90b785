-- A center's state from the database's snapshot, in steps: begin, add (many), end. Until the end every other
-- function answers NOTLOADED. One process does it; its token is a lock that expires if the process dies.

local function define_rebuild(name, body)
  redis.register_function('wecc_routing_rebuild_' .. name .. '_' .. DIGEST, function(keys, argv)
    local args = cjson.decode(argv[2])
    local lock = keys[1] .. ':rebuild'
    if name == 'begin' and not args.force and open_context(keys[1], argv[1], {}) then
      return cjson.encode({ begun = false })
    end
    local holder = redis.call('GET', lock)
    if holder and holder ~= args.token then
      return redis.error_reply('REBUILDING another process does it')
    end
    if not holder and name ~= 'begin' then
      return redis.error_reply('REBUILDING the lock has expired; begin again')
    end
    redis.call('SET', lock, args.token, 'PX', args.lock_ms)
    if name == 'begin' then
      redis.call('HSET', keys[1] .. ':cfg', 'version', args.version, 'json', cjson.encode(args.config))
    end
    local c = new_context(keys[1], argv[1])
    c.cfg = find_config(keys[1], marker_of(args.version))
    local reply = body(c, args)
    store(c)
    return cjson.encode(reply)
  end)
end

define_rebuild('begin', function(c, args)
  local old = { 'state', 'agents', 'slots', 'due', 'barred', 'beat', 'silent', 'ended', 'turns' }
  local is_hash = redis.call('TYPE', c.keys.agents).ok == 'hash' -- before layout 4, as were these:
  for _, name in ipairs(is_hash and { 'loaded', 'work', 'rate' } or {}) do
    old[#old + 1] = name
  end
  for _, id in ipairs(redis.call(is_hash and 'HKEYS' or 'SMEMBERS', c.keys.agents)) do
    old[#old + 1] = 'direct:' .. id
  end
  local queues = redis.call('SMEMBERS', c.keys.queues)
  for _, queue in ipairs(queues) do
    old[#old + 1] = 'q:' .. queue
    old[#old + 1] = 'counted:' .. queue
    old[#old + 1] = 'ready:' .. queue
    old[#old + 1] = 'wide:' .. queue
  end
  for _, name in ipairs(old) do
    redis.call('UNLINK', c.keys[name])
  end
  redis.call('SADD', c.keys.queues, unpack(c.cfg.order))
  return { begun = true }
end)

-- Agents come before the work they hold. An agent who holds work but is not in the snapshot is given the
-- grace of a silent one: his browser beats again, or his work goes back.
local function restore_agent(c, given)
  local a = new_agent(c, given.agent_id)
  a.state, a.reason, a.capacity = given.state, given.reason, given.capacity
  a.levels = given.levels and next(given.levels) and given.levels or nil
  a.idle_since_ms = given.idle_since_ms or c.now
  local groups = {}
  for _, group in ipairs(given.groups or {}) do
    groups[#groups + 1] = c.cfg.groups[group] and group or nil
  end
  a.groups = table.concat(groups, ',')
  if a.state ~= 'offline' then
    redis.call('ZADD', c.keys.beat, c.now, a.agent_id)
  end
  touch(c, a)
end

local function restore_work(c, given)
  local w = {
    work_id = given.work_id,
    tier = given.tier,
    channel = given.channel,
    queue = given.channel .. ':' .. given.tier,
    version = given.version,
    since_ms = given.since_ms,
    at_ms = given.at_ms,
    cause = given.cause,
    is_counted = given.assigned_ms ~= nil,
    assigned_ms = given.assigned_ms,
    reason = given.reason,
  }
  if given.state == 'assigned' or given.state == 'wrap_up' then
    w.state, w.agent_id = given.state, given.agent_id
    w.deadline_ms = w.state == 'wrap_up' and (given.deadline_ms or c.now + c.cfg.wrap_up_ms) or nil
    if not find_agent(c, w.agent_id) then
      restore_agent(c, { agent_id = w.agent_id, state = 'paused', reason = 'restored', capacity = 1 })
    end
  else
    w.state, w.is_expedited = 'queued', given.is_expedited or nil
    -- Offers the database never heard of may have carried the next versions.
    w.version = w.version + c.cfg.rebuild_skip
  end
  count_live(c, w, 1)
  take_place(c, w)
  keep_work(c, w)
  if given.state == 'offered' or given.only_agent then
    w.version, w.at_ms, w.cause = w.version + 1, c.now, 'restored'
    emit(c, 'work', describe_work(w))
  end
end

define_rebuild('add', function(c, args)
  for _, given in ipairs(args.agents or {}) do
    restore_agent(c, given)
  end
  for _, given in ipairs(args.works or {}) do
    if c.cfg.queues[given.channel .. ':' .. given.tier] then
      restore_work(c, given)
    else
      fail('UNKNOWNTIER', given.tier)
    end
  end
  for _, o in ipairs(args.outcomes or {}) do
    local queue = o.channel .. ':' .. o.tier
    if c.cfg.queues[queue] then
      local counts = {
        [ASKED] = 1,
        [HIT] = o.is_hit and 1 or 0,
        [ABANDONED] = o.is_abandoned and 1 or 0,
        [EXCESS_MS] = o.excess_ms,
      }
      add_past(c, queue, counts, o.at_ms)
    end
  end
  for _, a in ipairs(c.touched) do
    note_shown(c, a) -- what is restored is not news
  end
  return { added = true }
end)

define_rebuild('end', function(c, args)
  redis.call('HSET', c.keys.state, LOADED, marker_of(args.version))
  redis.call('UNLINK', c.keys.rebuild)
  emit(c, 'center', cjson.encode({ event = 'rebuilt', at_ms = c.now }))
  for _, a in ipairs(all_agents(c)) do
    touch(c, a)
  end
  release_drained(c)
  pair_leftovers(c, math.huge)
  return { offers = c.offers }
end)
