-- The life of a work item: queued -> offered -> assigned -> wrap_up -> closed, or abandoned, or overflowed.

local function leave_place(c, w)
  if w.state == 'queued' then
    if w.only_agent then
      local a = get_agent(c, w.only_agent)
      redis.call('ZREM', line_of(c, w), w.work_id)
      a.direct = a.direct - 1
      touch(c, a)
    else
      leave_queue(c, w)
    end
  elseif HELD[w.state] then
    release(c, get_agent(c, w.agent_id), w)
  end
  if w.deadline_ms then
    redis.call('ZREM', c.keys.due, w.work_id)
  end
end

local function take_place(c, w)
  if w.state == 'queued' then
    if w.only_agent then
      local a = get_agent(c, w.only_agent)
      redis.call('ZADD', line_of(c, w), w.since_ms, w.work_id)
      a.direct = a.direct + 1
      touch(c, a)
    else
      enter_queue(c, w)
    end
    c.waiting[#c.waiting + 1] = w
  elseif HELD[w.state] then
    hold(c, get_agent(c, w.agent_id), w)
  else
    redis.call('RPUSH', c.keys.ended, string.format('%d %s', c.now, w.work_id))
  end
  if w.deadline_ms then
    redis.call('ZADD', c.keys.due, w.deadline_ms, w.work_id)
  end
end

-- The one place where an item changes: its version grows by one and the outbox gets one entry. `to` holds
-- what belongs to the new state alone: agent_id, deadline_ms, only_agent, reason; and tier, channel and
-- is_expedited if they change.
local function move(c, w, state, cause, to)
  local is_new = not w.state
  leave_place(c, w)
  if state == 'assigned' then
    count_answer(c, w)
    w.assigned_ms = c.now
  elseif state == 'abandoned' or state == 'overflowed' then
    count_given_up(c, w, state)
  end
  local is_elsewhere = to.tier and to.tier ~= w.tier or to.channel and to.channel ~= w.channel
  if not is_new and (ENDED[state] or is_elsewhere) then
    count_live(c, w, -1)
  end
  if is_elsewhere then
    w.tier, w.channel = to.tier or w.tier, to.channel or w.channel
    w.queue = w.channel .. ':' .. w.tier
  end
  if is_new or is_elsewhere then
    count_live(c, w, 1)
  end
  if to.is_expedited then
    w.is_expedited = true
  elseif w.is_expedited and state ~= 'queued' and state ~= 'offered' then
    w.is_expedited = nil
  end
  w.state, w.cause, w.version, w.at_ms = state, cause, w.version + 1, c.now
  w.agent_id, w.deadline_ms, w.reason = to.agent_id, to.deadline_ms, to.reason
  if w.only_agent ~= to.only_agent then
    w.only_agent = to.only_agent
  end
  take_place(c, w)
  keep_work(c, w)
  w.json = describe_work(w)
  emit(c, 'work', w.json)
end

local function offer(c, w, a, reason)
  c.offers = c.offers + 1
  move(c, w, 'offered', 'matched', {
    agent_id = a.agent_id,
    deadline_ms = c.now + c.cfg.offer_ms,
    only_agent = w.only_agent,
    reason = reason,
  })
end

local function assign(c, w, a, cause, reason)
  move(c, w, 'assigned', cause, { agent_id = a.agent_id, reason = reason })
end

-- For a while this agent is not offered this work again; the sweep lifts it.
local function bar(c, w, a)
  local until_ms = c.now + c.cfg.bar_ms
  w.barred_until_ms, a.barred_until_ms = until_ms, until_ms
  redis.call('ZADD', c.keys.barred, until_ms, bar_name(a, w.work_id))
  touch(c, a)
end

-- Back to the tier's queue, at the original place. The cause says when a direct offer fell back.
local function requeue(c, w, cause)
  if w.only_agent then
    cause = 'direct_' .. cause
  end
  move(c, w, 'queued', cause, {})
end

local function finish_life(c, w, state, cause)
  if w.state == 'assigned' or w.state == 'wrap_up' then
    local a = get_agent(c, w.agent_id)
    a.idle_since_ms = c.now
    prefetch_counts(c, serves(c, a).queues) -- his next is looked for in these
  end
  if w.state == 'assigned' then
    count_handled(c, w)
  end
  move(c, w, state, cause, { agent_id = w.agent_id })
end

-- Gives `a` the next work that waits for him, if any. True when an offer was made.
local function match_once(c, a)
  if a.state ~= 'ready' or a.is_unstable or a.offered or is_full(a) then
    return false
  end
  local w, reason = choose(c, a)
  if not w then
    return false
  end
  offer(c, w, a, reason)
  return true
end

-- Gives what waits in a queue to agents who serve it only on terms, once these hold for its head: nobody
-- behind it waits longer.
local function pair_widened(c, queue, limit)
  local wide, place = c.cfg.wide[queue], 0
  while wide and c.offers < limit do
    local head = redis.call('ZRANGE', c.lines[queue], 0, 0, 'WITHSCORES')
    if not head[1] or not is_open(c, wide, since_of(tonumber(head[2]))) then
      return
    end
    rank_touched(c)
    local row = redis.call('ZRANGE', c.keys['wide:' .. queue], place, place, 'WITHSCORES')
    if not row[1] or tonumber(row[2]) >= FULL then
      return
    end
    local a = get_agent(c, row[1])
    if not (is_open(c, serves(c, a).of[queue], since_of(tonumber(head[2]))) and match_once(c, a)) then
      place = place + 1 -- not yet, or all that waits here is barred for him
    end
  end
end

-- Finds agents for who came into a queue in this call.
local function pair_newcomers(c)
  table.sort(c.waiting, longer_wait)
  local widened = {}
  for _, w in ipairs(c.waiting) do
    while w.state == 'queued' do
      local a = free_agent_for(c, w)
      if not a or not match_once(c, a) then
        break
      end
    end
    widened[w.queue] = w.state == 'queued' and not w.only_agent or nil
  end
  for _, queue in ipairs(next(widened) and c.cfg.order or {}) do
    if widened[queue] then
      pair_widened(c, queue, math.huge)
    end
  end
end

-- Makes every pair this call has made possible. Who may be served together is always decided from the
-- agent's side, so a newcomer never overtakes the backlog. A freed agent takes one: it keeps him from more.
local function settle(c)
  if #c.waiting > 0 then
    pair_newcomers(c)
  end
  for _, a in ipairs(c.freed) do
    match_once(c, a)
  end
end

-- Finds pairs nobody made: after a rebuild, and by the sweep, when somebody has waited long enough for more
-- agents to serve him. At most `limit` offers.
local function pair_leftovers(c, limit)
  for _, queue in ipairs(c.cfg.order) do
    local place = 0
    while c.offers < limit and redis.call('ZCARD', c.lines[queue]) > 0 do
      rank_touched(c)
      local row = redis.call('ZRANGE', c.keys['ready:' .. queue], place, place, 'WITHSCORES')
      if not row[1] or tonumber(row[2]) >= FULL then
        break
      end
      if not match_once(c, get_agent(c, row[1])) then
        place = place + 1 -- all that waits here is barred for him
      end
    end
    pair_widened(c, queue, limit)
  end
end

-- The offer as the caller knows it, or a refusal: somebody else took it, it ran out, the caller left.
local function get_offer(c, args)
  local w = get_work(c, args.work_id)
  if w.state ~= 'offered' or w.agent_id ~= args.agent_id or w.version ~= args.version then
    fail('OFFERGONE', args.work_id)
  end
  return w
end

local function get_waiting(c, args, may_be_offered)
  local w = get_work(c, args.work_id)
  if w.state ~= 'queued' and not (may_be_offered and w.state == 'offered') then
    fail('NOTWAITING', args.work_id)
  end
  return w
end

local function get_held(c, args, state)
  local w = get_work(c, args.work_id)
  if w.state ~= state or w.agent_id ~= args.agent_id then
    fail('NOTHELD', args.work_id)
  end
  return w
end
