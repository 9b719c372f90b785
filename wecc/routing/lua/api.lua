-- The functions other processes call. Each takes KEYS[1] = `wecc:{<center>}`, ARGV[1] = now in ms (empty:
-- the server's time) and ARGV[2] = arguments as JSON, runs atomically, refuses before it writes anything,
-- and leaves no pair of a waiting item and a free agent behind.

local SWEEP_BATCH = 200
local ENDED_KEPT_MS = 600000

local function digest_of(marker)
  if marker and string.sub(marker, 1, #LAYOUT + 1) == LAYOUT .. ':' then
    return string.sub(marker, #LAYOUT + 2)
  end
end

local function define(name, body)
  redis.register_function('wecc_routing_' .. name .. '_' .. DIGEST, function(keys, argv)
    local digest = digest_of(redis.call('GET', keys[1] .. ':loaded'))
    if not digest then
      return redis.error_reply('NOTLOADED rebuild the center first')
    end
    local c = new_context(keys[1], argv[1], digest)
    local reply = body(c, cjson.decode(argv[2]))
    settle(c)
    store_agents(c)
    store_counts(c)
    if reply.state then -- a record, as the matching left it
      reply = reply.work_id and describe_work(reply) or describe_agent(reply)
    end
    return cjson.encode(reply)
  end)
end

-- Work --------------------------------------------------------------------------------------------

define('enqueue', function(c, args)
  local w = find_work(c, args.work_id)
  if w and not ENDED[w.state] then
    return w
  end
  if not c.cfg.queues[args.channel .. ':' .. args.tier] then
    fail('UNKNOWNTIER', args.tier)
  end
  local version = math.max(args.version, w and w.version or 0)
  if w then
    redis.call('ZREM', key(c, 'ended'), w.work_id)
  end
  w = {
    work_id = args.work_id,
    tier = args.tier,
    channel = args.channel,
    version = version,
    since_ms = args.since_ms or c.now,
    is_counted = false,
    barred_until_ms = w and w.barred_until_ms, -- bars go by the id
  }
  move(c, w, 'queued', 'asked', {})
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
  if w.state ~= 'queued' then
    fail('NOTWAITING', w.work_id)
  end
  if a.state == 'offline' then
    fail('AGENTAWAY', a.agent_id)
  end
  local may = args.is_supervisor or w.only_agent == a.agent_id
    or (not w.only_agent and served_by(c, a).set[queue_of(w)])
  if not may then
    fail('NOTSERVED', w.tier)
  end
  if #a.held >= a.capacity then
    fail('ATCAPACITY', a.agent_id)
  end
  assign(c, w, a, 'picked', explain_one(c, 'picked', w))
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
  elseif not c.cfg.queues[w.channel .. ':' .. args.to_tier] then
    fail('UNKNOWNTIER', args.to_tier)
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
  local w = get_work(c, args.work_id)
  if w.state ~= 'queued' and w.state ~= 'offered' then
    fail('NOTWAITING', w.work_id)
  end
  if not c.cfg.queues[w.channel .. ':' .. args.tier] then
    fail('UNKNOWNTIER', args.tier)
  end
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
    if w.state ~= 'queued' and w.state ~= 'offered' then
      fail('NOTWAITING', w.work_id)
    end
    count_given_up(c, w)
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
  if args.groups then
    unlist(c, a)
    a.groups = args.groups
  end
  a.capacity = args.capacity or a.capacity
  if args.state == 'offline' then
    if a.state ~= 'offline' then
      depart(c, a, args.reason, 'agent_left')
    end
    return a
  end
  beat(c, a)
  if args.state == 'paused' then
    pause(c, a, args.reason)
  else
    if a.state ~= 'ready' then
      a.state, a.reason, a.misses, a.idle_since_ms = 'ready', nil, 0, c.now
    end
    c.freed[#c.freed + 1] = a
  end
  return a
end)

define('heartbeat', function(c, args)
  local strangers = {}
  for _, id in ipairs(args.agent_ids) do
    if redis.call('ZSCORE', key(c, 'beat'), id) then
      redis.call('ZADD', key(c, 'beat'), c.now, id)
    elseif redis.call('ZSCORE', key(c, 'silent'), id) then
      beat(c, get_agent(c, id))
    else
      strangers[#strangers + 1] = id
    end
  end
  return { strangers = #strangers > 0 and strangers or nil }
end)

-- Time --------------------------------------------------------------------------------------------

define('sweep', function(c)
  local done = { expired = 0, closed = 0, unstable = 0, gone = 0, paired = 0, has_more = false }

  local function due(name, until_ms)
    local rows = redis.call('ZRANGEBYSCORE', key(c, name), '-inf', until_ms, 'LIMIT', 0, SWEEP_BATCH)
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
      redis.call('ZREM', key(c, 'due'), id)
    end
  end
  for _, id in ipairs(due('silent', c.now - c.cfg.gone_ms)) do
    depart(c, get_agent(c, id), 'gone', 'agent_gone')
    done.gone = done.gone + 1
  end
  for _, id in ipairs(due('beat', c.now - c.cfg.unstable_ms)) do
    local a = get_agent(c, id)
    redis.call('ZADD', key(c, 'silent'), redis.call('ZSCORE', key(c, 'beat'), id), id)
    redis.call('ZREM', key(c, 'beat'), id)
    a.is_unstable = true
    touch(c, a)
    done.unstable = done.unstable + 1
  end
  for _, name in ipairs(due('barred', c.now)) do
    redis.call('ZREM', key(c, 'barred'), name)
    local a = find_agent(c, string.match(name, '^(.-)\n'))
    c.freed[#c.freed + 1] = a
  end
  for _, id in ipairs(due('ended', c.now - ENDED_KEPT_MS)) do
    redis.call('ZREM', key(c, 'ended'), id)
    redis.call('HDEL', key(c, 'work'), id)
  end
  settle(c)
  local offers = c.offers
  pair_leftovers(c, offers + SWEEP_BATCH)
  done.paired = c.offers - offers
  return done
end)

-- Views -------------------------------------------------------------------------------------------

define('view', function(c)
  local tiers, agents = {}, {}
  for i, queue in ipairs(c.cfg.order) do
    local q = c.cfg.queues[queue]
    local head = redis.call('ZRANGE', key(c, 'q:' .. queue), 0, 0, 'WITHSCORES')
    local rate, asked = answer_rate(c, queue)
    tiers[i] = {
      tier = q.tier,
      channel = q.channel,
      waiting = redis.call('ZCARD', key(c, 'q:' .. queue)),
      longest_wait_ms = head[2] and c.now - tonumber(head[2]) or 0,
      rate = rate,
      target = q.target,
      asked = asked,
      agents_ready = redis.call('ZCARD', key(c, 'ready:' .. queue)),
      slots = tonumber(redis.call('HGET', key(c, 'slots'), queue)) or 0,
    }
  end
  for _, id in ipairs(redis.call('HKEYS', key(c, 'agents'))) do
    agents[#agents + 1] = describe_agent(find_agent(c, id))
  end
  table.sort(agents, function(x, y)
    return x.agent_id < y.agent_id
  end)
  return { at_ms = c.now, tiers = tiers, agents = #agents > 0 and agents or nil }
end)

local function speed_of(c, queue)
  local n = counts_of(c, queue)
  return {
    left = n.left,
    busy_ms = n.busy_ms,
    handled = n.handled,
    handling_ms = n.handling_ms,
    usual_handling_ms = c.cfg.handling_ms,
    slots = tonumber(redis.call('HGET', key(c, 'slots'), queue)) or 0,
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
          place.queue = queue_of(w)
          speeds[place.queue] = speeds[place.queue] or speed_of(c, place.queue)
        end
      end
      places[#places + 1] = place
    end
  end
  return { places = #places > 0 and places or nil, speeds = next(speeds) and speeds or nil }
end)

-- Configuration and rebuild -----------------------------------------------------------------------

define('configure', function(c, args)
  for _, queue in ipairs(c.cfg.order) do
    local live = tonumber(redis.call('HGET', key(c, 'live'), queue)) or 0
    if not args.config.queues[queue] and live > 0 then
      fail('TIERINUSE', c.cfg.queues[queue].tier)
    end
  end
  local agents = {}
  for _, id in ipairs(redis.call('HKEYS', key(c, 'agents'))) do
    local a = find_agent(c, id)
    unlist(c, a)
    agents[#agents + 1] = a
  end
  redis.call('HSET', key(c, 'cfg'), 'version', args.version, 'json', cjson.encode(args.config))
  redis.call('SET', key(c, 'loaded'), LAYOUT .. ':' .. args.version)
  c.cfg = load_config(c.prefix, args.version)
  redis.call('SADD', key(c, 'queues'), unpack(c.cfg.order))
  for _, a in ipairs(agents) do
    touch(c, a)
  end
  pair_leftovers(c, math.huge)
  emit(c, 'center', { event = 'configured', at_ms = c.now })
  return { version = args.version }
end)
