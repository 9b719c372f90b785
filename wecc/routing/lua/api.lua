-- The functions other processes call. Each takes KEYS[1] = `wecc:{<center>}`, ARGV[1] = now in ms (empty:
-- the server's time) and ARGV[2] = arguments as JSON, runs atomically, refuses before it writes anything,
-- and leaves no pair of a waiting item and a free agent behind.

local SWEEP_BATCH = 200
local ENDED_KEPT_MS = 600000

local function store(c)
  store_works(c)
  store_agents(c)
  store_counts(c)
  write_records(c)
  tell(c)
end

local function define(name, body)
  redis.register_function('wecc_routing_' .. name .. '_' .. DIGEST, function(keys, argv)
    local args = cjson.decode(argv[2])
    local c = open_context(keys[1], argv[1], args)
    if not c then
      return redis.error_reply('NOTLOADED rebuild the center first')
    end
    local reply = body(c, args)
    settle(c)
    release_drained(c)
    store(c)
    if reply.state and reply.work_id then -- a record, as the matching left it
      return reply.json or describe_work(reply)
    end
    return cjson.encode(reply.state and describe_agent(c, reply) or reply)
  end)
end

-- Work --------------------------------------------------------------------------------------------

local function check_queue(c, channel, tier)
  if not c.cfg.queues[channel .. ':' .. tier] then
    fail('UNKNOWNTIER', tier)
  end
end

-- Limits of controlled tiers. Messages are never refused.
local function check_limits(c, queue)
  local q = c.cfg.queues[queue]
  if q.channel == 'message' then
    return
  end
  if q.max_waiting and redis.call('ZCARD', c.lines[queue]) >= q.max_waiting then
    fail('QUEUEFULL', q.tier)
  end
  if q.max_share then
    local slots = tonumber(redis.call('HGET', c.keys.slots, '@' .. q.channel)) or 0
    if counts_of(c, queue)[LIVE] >= math.ceil(q.max_share * slots) then
      fail('QUEUEFULL', q.tier)
    end
  end
end

-- The first of the agents asked for who is there; without time to wait for him, only if he can take it now.
local function preferred_of(c, args)
  for _, preferred in ipairs(args.preferred or {}) do
    local a = find_agent(c, preferred.agent_id)
    if a and a.state == 'ready' and not a.is_unstable then
      if preferred.wait_ms > 0 or (a.direct == 0 and can_take(c, a, args.channel)) then
        return a, c.now + preferred.wait_ms
      end
    end
  end
end

define('enqueue', function(c, args)
  local w = find_work(c, args.work_id)
  if w and not ENDED[w.state] then
    return w
  end
  check_queue(c, args.channel, args.tier)
  local queue = args.channel .. ':' .. args.tier
  local preferred, until_ms = preferred_of(c, args)
  if args.needs_agent and not preferred then
    if redis.call('EXISTS', c.keys['ready:' .. queue], c.keys['wide:' .. queue]) == 0 then
      fail('NOBODYHERE', args.tier)
    end
  end
  check_limits(c, queue)
  w = {
    work_id = args.work_id,
    tier = args.tier,
    channel = args.channel,
    queue = queue,
    version = math.max(args.version, w and w.version or 0),
    since_ms = args.since_ms or c.now,
    is_counted = false,
    barred_until_ms = w and w.barred_until_ms, -- bars go by the id
  }
  move(c, w, 'queued', args.cause or 'asked', { only_agent = preferred and preferred.agent_id, deadline_ms = until_ms })
  return w
end)

define('accept', function(c, args)
  local w = get_work(c, args.work_id)
  if w.state == 'assigned' and w.agent_id == args.agent_id and w.version == args.version + 1 then
    return w
  end
  w = get_offer(c, args)
  if c.now >= w.deadline_ms then
    fail('OFFERGONE', w.work_id)
  end
  local a = get_agent(c, w.agent_id)
  a.misses = 0
  assign(c, w, a, 'accepted', w.reason)
  return w
end)

define('decline', function(c, args)
  local w = get_work(c, args.work_id)
  if w.state == 'queued' and w.version == args.version + 1 then
    return w
  end
  w = get_offer(c, args)
  miss(c, w, 'declined')
  return w
end)

define('pick', function(c, args)
  local w, a = get_work(c, args.work_id), get_agent(c, args.agent_id)
  if w.state == 'assigned' and w.agent_id == a.agent_id then
    return w
  end
  get_waiting(c, args, args.is_forced)
  if a.state == 'offline' then
    fail('AGENTAWAY', a.agent_id)
  end
  if not args.is_forced then
    local may = args.is_supervisor or w.only_agent == a.agent_id
      or (not w.only_agent and serves(c, a).of[w.queue])
    if not may then
      fail('NOTSERVED', w.tier)
    end
    if not has_room(c, a, w.channel) then
      fail('ATCAPACITY', a.agent_id)
    end
  end
  assign(c, w, a, 'picked', explain_one(c, 'picked', w))
  return w
end)

-- Before everybody else in its queue; also what has waited for one agent alone.
define('expedite', function(c, args)
  local w = get_waiting(c, args)
  if not w.is_expedited then
    move(c, w, 'queued', 'expedited', { is_expedited = true })
  end
  return w
end)

-- On another channel, at the original place. An offer is withdrawn.
define('convert', function(c, args)
  local w = get_waiting(c, args, true)
  check_queue(c, args.channel, w.tier)
  if w.channel ~= args.channel then
    local is_offered = w.state == 'offered'
    move(c, w, 'queued', 'converted', {
      channel = args.channel,
      only_agent = not is_offered and w.only_agent or nil,
      deadline_ms = not is_offered and w.deadline_ms or nil,
    })
  end
  return w
end)

define('transfer', function(c, args)
  local w = get_held(c, args, 'assigned')
  local a = get_agent(c, args.agent_id)
  local to = {}
  if args.to_agent then
    local target = get_agent(c, args.to_agent)
    if target.state ~= 'ready' or target.is_unstable or target == a then
      fail('AGENTAWAY', args.to_agent)
    end
    to.only_agent, to.deadline_ms = args.to_agent, c.now + c.cfg.direct_ms
  else
    check_queue(c, w.channel, args.to_tier)
  end
  count_handled(c, w)
  a.idle_since_ms = c.now
  bar(c, w, a) -- or he, just freed, would be offered what he gave away
  to.tier = args.to_tier
  move(c, w, 'queued', 'transferred', to)
  return w
end)

-- Who turns out to be of another tier while he waits. An open offer stays with its agent, under a new token.
define('retier', function(c, args)
  local w = get_waiting(c, args, true)
  check_queue(c, w.channel, args.tier)
  if w.tier ~= args.tier then
    move(c, w, w.state, 'retiered', {
      tier = args.tier,
      agent_id = w.agent_id,
      deadline_ms = w.deadline_ms,
      only_agent = w.only_agent,
      reason = w.reason,
    })
  end
  return w
end)

define('finish', function(c, args)
  local w = get_work(c, args.work_id)
  if w.agent_id == args.agent_id and (w.state == 'wrap_up' or w.state == 'closed') then
    return w
  end
  w = get_held(c, args, 'assigned')
  if c.cfg.wrap_up_ms == 0 then
    finish_life(c, w, 'closed', 'finished')
    return w
  end
  count_handled(c, w)
  move(c, w, 'wrap_up', 'finished', {
    agent_id = w.agent_id,
    deadline_ms = c.now + c.cfg.wrap_up_ms,
  })
  return w
end)

define('end_wrap_up', function(c, args)
  local w = get_work(c, args.work_id)
  if w.agent_id == args.agent_id and w.state == 'closed' then
    return w
  end
  w = get_held(c, args, 'wrap_up')
  finish_life(c, w, 'closed', 'wrapped_up')
  return w
end)

-- The caller stops waiting, by himself (abandoned) or because he is served otherwise (overflowed).
local function define_leaving(name, state)
  define(name, function(c, args)
    local w = get_work(c, args.work_id)
    if ENDED[w.state] then
      return w
    end
    get_waiting(c, args, true)
    finish_life(c, w, state, args.cause)
    return w
  end)
end

define_leaving('abandon', 'abandoned')
define_leaving('overflow', 'overflowed')

define('close', function(c, args)
  local w = get_work(c, args.work_id)
  if not ENDED[w.state] then
    finish_life(c, w, 'closed', args.cause)
  end
  return w
end)

define('work', function(c, args)
  return get_work(c, args.work_id)
end)

-- Agents ------------------------------------------------------------------------------------------

define('set_agent', function(c, args)
  for _, group in ipairs(args.groups or {}) do
    if not c.cfg.groups[group] then
      fail('UNKNOWNGROUP', group)
    end
  end
  local a = find_agent(c, args.agent_id)
  if not a and not args.groups then
    fail('UNKNOWNAGENT', args.agent_id)
  end
  a = a or new_agent(c, args.agent_id)
  touch(c, a)
  if args.groups or args.levels then
    unlist(c, a)
    a.groups = args.groups and table.concat(args.groups, ',') or a.groups
    a.levels = args.levels and next(args.levels) and args.levels or not args.levels and a.levels or nil
    a.is_news = true
  end
  a.capacity = args.capacity or a.capacity
  if args.state == 'offline' and not args.when_done then
    if a.state ~= 'offline' then
      depart(c, a, args.reason, 'agent_left')
    end
    return a
  end
  if args.state == 'offline' and a.state == 'offline' then
    return a
  end
  beat(c, a)
  if args.state == 'ready' then
    if a.state ~= 'ready' then
      a.state, a.reason, a.misses, a.idle_since_ms = 'ready', nil, 0, c.now
    end
    c.freed[#c.freed + 1] = a
  else
    pause(c, a, args.when_done and DRAINING or args.reason)
  end
  return a
end)

define('heartbeat', function(c, args)
  local strangers = {}
  for _, id in ipairs(args.agent_ids) do
    if redis.call('ZSCORE', c.keys.beat, id) then
      redis.call('ZADD', c.keys.beat, c.now, id)
    elseif redis.call('ZSCORE', c.keys.silent, id) then
      beat(c, get_agent(c, id))
    else
      strangers[#strangers + 1] = id
    end
  end
  return { strangers = #strangers > 0 and strangers or nil }
end)

-- Time --------------------------------------------------------------------------------------------

-- Those that ended long ago; what was asked for anew since then is kept. True when there are more.
local function forget_ended(c)
  local rows = redis.call('LRANGE', c.keys.ended, 0, SWEEP_BATCH - 1)
  local past = 0
  for i, row in ipairs(rows) do
    local at_ms, id = string.match(row, '^(%d+) (.*)$')
    if tonumber(at_ms) > c.now - ENDED_KEPT_MS then
      break
    end
    local w = find_work(c, id)
    if w and ENDED[w.state] and w.at_ms <= tonumber(at_ms) then
      redis.call('HDEL', c.keys.state, id)
      c.works[id] = nil
    end
    past = i
  end
  if past > 0 then
    redis.call('LTRIM', c.keys.ended, past, -1)
  end
  return past == SWEEP_BATCH
end

define('sweep', function(c)
  local done = { expired = 0, closed = 0, unstable = 0, gone = 0, paired = 0, has_more = false }

  local function due(name, until_ms)
    local rows = redis.call('ZRANGEBYSCORE', c.keys[name], '-inf', until_ms, 'LIMIT', 0, SWEEP_BATCH)
    done.has_more = done.has_more or #rows == SWEEP_BATCH
    return rows
  end

  for _, id in ipairs(due('due', c.now)) do
    local w = find_work(c, id)
    if w and w.deadline_ms and w.deadline_ms <= c.now then
      if w.state == 'offered' then
        miss(c, w, 'expired')
        done.expired = done.expired + 1
      elseif w.state == 'wrap_up' then
        finish_life(c, w, 'closed', 'wrap_up_over')
        done.closed = done.closed + 1
      else
        requeue(c, w, 'expired')
      end
    else
      redis.call('ZREM', c.keys.due, id)
    end
  end
  for _, id in ipairs(due('silent', c.now - c.cfg.gone_ms)) do
    depart(c, get_agent(c, id), 'gone', 'agent_gone')
    done.gone = done.gone + 1
  end
  for _, id in ipairs(due('beat', c.now - c.cfg.unstable_ms)) do
    local a = get_agent(c, id)
    redis.call('ZADD', c.keys.silent, redis.call('ZSCORE', c.keys.beat, id), id)
    redis.call('ZREM', c.keys.beat, id)
    a.is_unstable = true
    touch(c, a)
    done.unstable = done.unstable + 1
  end
  for _, name in ipairs(due('barred', c.now)) do
    redis.call('ZREM', c.keys.barred, name)
    local a = find_agent(c, string.match(name, '^(.-)\n'))
    c.freed[#c.freed + 1] = a
  end
  done.has_more = forget_ended(c) or done.has_more
  if c.cfg.policy == 'gap_live' then
    prefetch_counts(c, c.cfg.all) -- whose threshold has passed is a miss by now
  end
  settle(c)
  local offers = c.offers
  pair_leftovers(c, offers + SWEEP_BATCH)
  done.paired = c.offers - offers
  return done
end)

-- Views -------------------------------------------------------------------------------------------

-- The longest wait of a queue, and how many are expedited: these stand first, but need not wait longest.
local function longest_wait(c, queue)
  local head = redis.call('ZRANGE', c.lines[queue], 0, 0, 'WITHSCORES')
  if not head[1] then
    return 0, 0
  end
  local since_ms, is_expedited = since_of(tonumber(head[2]))
  if not is_expedited then
    return c.now - since_ms, 0
  end
  local next_one = redis.call('ZRANGEBYSCORE', c.lines[queue], 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return c.now - math.min(since_ms, tonumber(next_one[2]) or since_ms), redis.call('ZCOUNT', c.lines[queue], '-inf', '(0')
end

local function view_tier(c, queue)
  local q, n = c.cfg.queues[queue], counts_of(c, queue)
  local longest_wait_ms, expedited = longest_wait(c, queue)
  return {
    tier = q.tier,
    channel = q.channel,
    waiting = redis.call('ZCARD', c.lines[queue]),
    longest_wait_ms = longest_wait_ms,
    rate = standing(c, q).rate,
    target = q.target,
    asked = n[ASKED],
    hits = n[HIT],
    abandoned = n[ABANDONED],
    mean_excess_s = n[ASKED] > 0 and n[EXCESS_MS] / n[ASKED] / 1000 or 0,
    late_decisions = n[LATE],
    expedited = expedited,
    agents_ready = redis.call('ZCARD', c.keys['ready:' .. queue]),
    slots = tonumber(redis.call('HGET', c.keys.slots, queue)) or 0,
  }
end

local function view_groups(c, agents)
  local names, views = {}, {}
  for name in pairs(c.cfg.groups) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    views[i] = { group = name, free = 0, busy = 0, paused = 0, unstable = 0, load = 0, capacity = 0 }
    views[name] = views[i]
  end
  for _, a in ipairs(agents) do
    local kind = a.is_unstable and 'unstable' or a.state == 'paused' and 'paused'
      or is_full(a) and 'busy' or 'free'
    for _, group in ipairs(a.state ~= 'offline' and groups_of(a) or {}) do
      local v = views[group]
      if v then
        v[kind], v.load, v.capacity = v[kind] + 1, v.load + a.load, v.capacity + a.capacity
      end
    end
  end
  return { unpack(views) }
end

define('view', function(c)
  local tiers, shown, agents = {}, {}, all_agents(c)
  prefetch_counts(c, c.cfg.all)
  for i, queue in ipairs(c.cfg.order) do
    tiers[i] = view_tier(c, queue)
  end
  for i, a in ipairs(agents) do
    shown[i] = describe_agent(c, a)
  end
  return {
    at_ms = c.now,
    policy = c.cfg.policy,
    tiers = tiers,
    agents = #shown > 0 and shown or nil,
    groups = view_groups(c, agents),
  }
end)

local function speed_of(c, queue)
  local n = counts_of(c, queue)
  return {
    left = n[LEFT],
    busy_ms = n[BUSY_MS],
    handled = n[HANDLED],
    handling_ms = n[HANDLING_MS],
    usual_handling_ms = c.cfg.handling_ms,
    slots = tonumber(redis.call('HGET', c.keys.slots, queue)) or 0,
  }
end

define('places', function(c, args)
  local places, speeds = {}, {}
  for _, id in ipairs(args.work_ids) do
    local w = find_work(c, id)
    if w then
      local place = { work_id = id, state = w.state }
      if w.state == 'queued' then
        place.position = redis.call('ZRANK', line_of(c, w), id) + 1
        if not w.only_agent then
          place.queue = w.queue
          speeds[place.queue] = speeds[place.queue] or speed_of(c, place.queue)
        end
      end
      places[#places + 1] = place
    end
  end
  return { places = #places > 0 and places or nil, speeds = next(speeds) and speeds or nil }
end)

-- A stored decision, taken again: the place of the chosen among the candidates, from 1.
define('replay', function(_, args)
  for i, x in ipairs(args.candidates) do
    x.index = i
  end
  return { index = (POLICIES[args.policy](args, args.candidates, args.is_late_turn)).index }
end)

-- Configuration and rebuild -----------------------------------------------------------------------

define('configure', function(c, args)
  for _, queue in ipairs(c.cfg.order) do
    if not args.config.queues[queue] and counts_of(c, queue)[LIVE] > 0 then
      fail('TIERINUSE', c.cfg.queues[queue].tier)
    end
  end
  local agents = all_agents(c)
  for _, a in ipairs(agents) do
    unlist(c, a)
  end
  redis.call('HSET', c.keys.cfg, 'version', args.version, 'json', cjson.encode(args.config))
  redis.call('HSET', c.keys.state, LOADED, marker_of(args.version))
  c.cfg = find_config(c.prefix, marker_of(args.version))
  redis.call('SADD', c.keys.queues, unpack(c.cfg.order))
  for _, a in ipairs(agents) do
    measure(c, a)
    touch(c, a)
    c.freed[#c.freed + 1] = a
  end
  pair_leftovers(c, math.huge)
  emit(c, 'center', cjson.encode({ event = 'configured', at_ms = c.now }))
  return { version = args.version }
end)
