-- The life of a work item: queued -> offered -> assigned -> wrap_up -> closed, or abandoned, or overflowed.

local function remove_value(list, value)
  for i, x in ipairs(list) do
    if x == value then
      return table.remove(list, i)
    end
  end
end

local function leave_place(c, w)
  if w.state == 'queued' then
    redis.call('ZREM', line_of(c, w), w.work_id)
    if not w.only_agent then
      note_departure(c, w)
    end
  elseif HELD[w.state] then
    local a = get_agent(c, w.agent_id)
    remove_value(a.held, w.work_id)
    if w.state == 'offered' then
      a.offered = nil
    end
    touch(c, a)
    c.freed[#c.freed + 1] = a
  end
  if w.deadline_ms then
    redis.call('ZREM', key(c, 'due'), w.work_id)
  end
end

local function take_place(c, w)
  if w.state == 'queued' then
    redis.call('ZADD', line_of(c, w), w.since_ms, w.work_id)
    if not w.only_agent then
      note_arrival(c, w)
    end
    c.waiting[#c.waiting + 1] = w
  elseif HELD[w.state] then
    local a = get_agent(c, w.agent_id)
    a.held[#a.held + 1] = w.work_id
    if w.state == 'offered' then
      a.offered = w.work_id
    end
    touch(c, a)
  else
    redis.call('ZADD', key(c, 'ended'), c.now, w.work_id)
  end
  if w.deadline_ms then
    redis.call('ZADD', key(c, 'due'), w.deadline_ms, w.work_id)
  end
end

local function count_live(c, w, n)
  redis.call('HINCRBY', key(c, 'live'), queue_of(w), n)
end

-- The one place where an item changes: its version grows by one and the outbox gets one entry. `to` holds
-- what belongs to the new state alone: agent_id, deadline_ms, only_agent, reason; and a tier if it changes.
local function move(c, w, state, cause, to)
  if not w.state then
    count_live(c, w, 1)
  end
  leave_place(c, w)
  if ENDED[state] then
    count_live(c, w, -1)
  elseif to.tier and to.tier ~= w.tier then
    count_live(c, w, -1)
    w.tier = to.tier
    count_live(c, w, 1)
  end
  w.state, w.cause, w.version, w.at_ms = state, cause, w.version + 1, c.now
  w.agent_id, w.deadline_ms, w.only_agent, w.reason = to.agent_id, to.deadline_ms, to.only_agent, to.reason
  take_place(c, w)
  store_work(c, w)
  emit(c, 'work', describe_work(w))
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
  count_answer(c, w)
  w.assigned_ms = c.now
  move(c, w, 'assigned', cause, { agent_id = a.agent_id, reason = reason })
end

-- For a while this agent is not offered this work again; the sweep lifts it.
local function bar(c, w, a)
  local until_ms = c.now + c.cfg.bar_ms
  w.barred_until_ms, a.barred_until_ms = until_ms, until_ms
  redis.call('ZADD', key(c, 'barred'), until_ms, bar_name(a, w.work_id))
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
  end
  if w.state == 'assigned' then
    count_handled(c, w)
  end
  move(c, w, state, cause, { agent_id = w.agent_id })
end

-- Gives `a` the next work that waits for him, if any. True when an offer was made.
local function match_once(c, a)
  if not is_free(a) then
    return false
  end
  local w, reason = choose(c, a)
  if not w then
    return false
  end
  offer(c, w, a, reason)
  return true
end

-- Makes every pair this call has made possible. Who may be served together is always decided from the
-- agent's side, so a newcomer never overtakes the backlog. A freed agent takes one: it keeps him from more.
local function settle(c)
  table.sort(c.waiting, longer_wait)
  for _, w in ipairs(c.waiting) do
    while w.state == 'queued' do
      local a = free_agent_for(c, w)
      if not a or not match_once(c, a) then
        break
      end
    end
  end
  for _, a in ipairs(c.freed) do
    match_once(c, a)
  end
end

-- Finds pairs nobody made: after a rebuild, and as the sweep's safety net. At most `limit` offers.
local function pair_leftovers(c, limit)
  for _, queue in ipairs(c.cfg.order) do
    local place = 0
    while c.offers < limit and redis.call('ZCARD', key(c, 'q:' .. queue)) > 0 do
      rank_touched(c)
      local row = redis.call('ZRANGE', key(c, 'ready:' .. queue), place, place, 'WITHSCORES')
      if not row[1] or tonumber(row[2]) >= FULL then
        break
      end
      if not match_once(c, get_agent(c, row[1])) then
        place = place + 1 -- all that waits here is barred for him
      end
    end
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

local function get_held(c, args, state)
  local w = get_work(c, args.work_id)
  if w.state ~= state or w.agent_id ~= args.agent_id then
    fail('NOTHELD', args.work_id)
  end
  return w
end
