-- Work items as they are stored, told and queued.

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
