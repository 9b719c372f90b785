-- Work items as they are stored, told and queued.

local function find_work(c, id)
  local w = c.works[id]
  if w then
    return w
  end
  local raw = read_record(c, id)
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
    assigned_ms = assigned_ms,
    reason = reason,
  }
  -- What is rare is set only then: with 16 fields the table is half as large, and much cheaper to allocate.
  if only_agent or barred_until_ms or is_expedited then
    w.only_agent, w.barred_until_ms, w.is_expedited = only_agent, barred_until_ms, is_expedited
  end
  c.works[id] = w
  return w
end

local function get_work(c, id)
  return find_work(c, id) or fail('UNKNOWNWORK', id)
end

-- To be stored at the end of the call.
local function keep_work(c, w)
  c.works[w.work_id], w.is_kept = w, true
end

local function store_works(c)
  for id, w in pairs(c.works) do
    if w.is_kept then
      local packed = cmsgpack.pack(
        w.state, w.tier, w.channel, w.version, w.since_ms, w.at_ms, w.cause, w.is_counted, w.agent_id,
        w.deadline_ms, w.only_agent, w.assigned_ms, w.barred_until_ms, w.is_expedited, w.reason
      )
      write_record(c, id, packed)
    end
  end
end

-- The item as JSON. Its reason is kept as JSON: it is written once and only ever passed on.
local function describe_work(w)
  return '{"work_id":' .. cjson.encode(w.work_id) .. ',"state":"' .. w.state .. '","tier":"' .. w.tier
    .. '","channel":"' .. w.channel .. '","cause":' .. cjson.encode(w.cause)
    .. string.format(',"version":%d,"since_ms":%d,"at_ms":%d', w.version, w.since_ms, w.at_ms)
    .. (w.agent_id and ',"agent_id":' .. cjson.encode(w.agent_id) or '')
    .. (w.deadline_ms and string.format(',"deadline_ms":%d', w.deadline_ms) or '')
    .. (w.only_agent and ',"only_agent":' .. cjson.encode(w.only_agent) or '')
    .. (w.assigned_ms and string.format(',"assigned_ms":%d', w.assigned_ms) or '')
    .. (w.is_expedited and ',"is_expedited":true' or '')
    .. (w.reason and ',"reason":' .. w.reason .. '}' or '}')
end

-- Where a queued item stands.
local function line_of(c, w)
  return w.only_agent and c.keys['direct:' .. w.only_agent] or c.lines[w.queue]
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
