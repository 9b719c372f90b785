-- Who is served next. The only place where this is decided; everything else calls `choose`.

local function longer_wait(x, y)
  return x.since_ms < y.since_ms or (x.since_ms == y.since_ms and x.work_id < y.work_id)
end

local function bar_name(a, w_id)
  return a.agent_id .. '\n' .. w_id
end

local function is_barred(c, a, w_id)
  local until_ms = redis.call('ZSCORE', key(c, 'barred'), bar_name(a, w_id))
  return until_ms and tonumber(until_ms) > c.now
end

-- The first in a queue, from `place` on, that may be offered to `a`: id and original time. Those barred for
-- him stand at most as many as he declined or missed lately.
local function first_for(c, a, queue, place)
  local line = key(c, 'q:' .. queue)
  local may_be_barred = a.barred_until_ms and a.barred_until_ms > c.now
  while true do
    local row = redis.call('ZRANGE', line, place, place, 'WITHSCORES')
    if not row[1] then
      return nil
    end
    if not (may_be_barred and is_barred(c, a, row[1])) then
      return row[1], tonumber(row[2])
    end
    place = place + 1
  end
end

-- The answer rate of a queue over its target, rounded so that equal gaps compare equal.
local function gap_of(c, queue)
  return math.floor((answer_rate(c, queue) - c.cfg.queues[queue].target) * 1e6 + 0.5) / 1e6
end

local function candidate(c, queue, work_id, since_ms)
  local q = c.cfg.queues[queue]
  return {
    queue = queue,
    work_id = work_id,
    since_ms = since_ms,
    tier = q.tier,
    rank = q.rank,
    rate = math.floor(answer_rate(c, queue) * 100 + 0.5) / 100,
    target = q.target,
    gap = gap_of(c, queue),
    wait_ms = c.now - since_ms,
    is_late = c.now - since_ms > q.threshold_ms,
  }
end

-- The explanation stored with an offer or assignment.
local function explain(policy, chosen, candidates)
  local seen = {}
  for i, x in ipairs(candidates) do
    seen[i] = { tier = x.tier, rate = x.rate, target = x.target, gap = x.gap, wait_ms = x.wait_ms }
  end
  return {
    policy = policy,
    tier = chosen.tier,
    rate = chosen.rate,
    target = chosen.target,
    gap = chosen.gap,
    wait_ms = chosen.wait_ms,
    candidates = seen,
  }
end

local function explain_one(c, policy, w)
  local only = candidate(c, queue_of(w), w.work_id, w.since_ms)
  return explain(policy, only, { only })
end

-- Policies ----------------------------------------------------------------------------------------

local function select(candidates, is_wanted)
  local selected = {}
  for _, x in ipairs(candidates) do
    if is_wanted(x) then
      selected[#selected + 1] = x
    end
  end
  return selected
end

local function first_by(candidates, goes_before)
  local best = candidates[1]
  for _, x in ipairs(candidates) do
    best = goes_before(x, best) and x or best
  end
  return best
end

local function lower_gap(x, y)
  return x.gap < y.gap or (x.gap == y.gap and longer_wait(x, y))
end

local function higher_target(x, y)
  return x.target > y.target or (x.target == y.target and lower_gap(x, y))
end

local function higher_rank(x, y)
  return x.rank < y.rank or (x.rank == y.rank and longer_wait(x, y))
end

local function is_missed(x)
  return x.gap < 0
end

local function is_late(x)
  return x.is_late
end

-- The operator's rule (2.4.3-05): the tier furthest below its target; ties go to the longest wait. On his
-- wish the higher target first, when all are met (2.4.3-06) or several are missed (2.4.3-07).
local function by_gap(c, candidates, policy)
  local missed = select(candidates, is_missed)
  if #missed == 0 and c.cfg.favours_high_when_met then
    return first_by(candidates, higher_target), candidates, policy .. '_met'
  end
  if #missed > 1 and c.cfg.favours_high_when_missed then
    return first_by(missed, higher_target), candidates, policy .. '_missed'
  end
  return first_by(candidates, lower_gap), candidates, policy
end

-- The oldest in a candidate's queue who can still be answered in time; nil when there is none for `a`.
local function still_in_time(c, a, x)
  local oldest_ms = c.now - c.cfg.queues[x.queue].threshold_ms
  local late = redis.call('ZCOUNT', key(c, 'q:' .. x.queue), '-inf', '(' .. string.format('%.0f', oldest_ms))
  local id, since_ms = first_for(c, a, x.queue, late)
  return id and candidate(c, x.queue, id, since_ms)
end

-- Each policy chooses among the heads of the queues: the chosen one, those it considered, what decided.
local POLICIES = {
  gap = function(c, _, heads)
    return by_gap(c, heads, 'gap')
  end,

  -- A late caller cannot count as answered in time any more, so the rule is applied to those who still can.
  -- The late ones have every k-th decision, or they would wait for ever.
  gap_live = function(c, a, heads)
    local late = select(heads, is_late)
    if #late == 0 then
      return by_gap(c, heads, 'gap_live')
    end
    if redis.call('INCR', key(c, 'turns')) % c.cfg.late_turn == 0 then
      return first_by(late, longer_wait), late, 'gap_live_late'
    end
    local in_time = {}
    for _, x in ipairs(heads) do
      in_time[#in_time + 1] = x.is_late and still_in_time(c, a, x) or not x.is_late and x or nil
    end
    return by_gap(c, #in_time > 0 and in_time or heads, 'gap_live')
  end,

  -- The highest tier first, whatever the rates (2.4.3-08).
  vip_strict = function(_, _, heads)
    return first_by(heads, higher_rank), heads, 'vip_strict'
  end,

  fifo = function(_, _, heads)
    return first_by(heads, longer_wait), heads, 'fifo'
  end,
}

local function is_subordinate(c, x)
  return c.cfg.queues[x.queue].is_subordinate
end

-- Subordinate tiers are considered only while all others meet their targets (2.3-24), or when nobody else
-- waits for this agent: he is never idle while somebody does.
local function without_subordinates(c, heads)
  local others = select(heads, function(x)
    return not is_subordinate(c, x)
  end)
  if #others == 0 or #others == #heads then
    return heads
  end
  prefetch_counts(c, c.cfg.order)
  for _, queue in ipairs(c.cfg.order) do
    if not c.cfg.queues[queue].is_subordinate and gap_of(c, queue) < 0 then
      return others
    end
  end
  return heads
end

-- The work to offer to `a` next, with the explanation; nil when nobody waits for him. What waits for him
-- alone goes first. O(tiers * log n).
local function choose(c, a)
  local mine = redis.call('ZRANGE', key(c, 'direct:' .. a.agent_id), 0, 0)[1]
  if mine then
    local w = get_work(c, mine)
    return w, explain_one(c, 'direct', w)
  end
  local heads = {}
  prefetch_counts(c, served_by(c, a))
  for _, queue in ipairs(served_by(c, a)) do
    local id, since_ms = first_for(c, a, queue, 0)
    heads[#heads + 1] = id and candidate(c, queue, id, since_ms)
  end
  if #heads > 0 then
    local best, considered, decided = POLICIES[c.cfg.policy](c, a, without_subordinates(c, heads))
    return get_work(c, best.work_id), explain(decided, best, considered)
  end
end

-- The agent for a waiting item: ready, free, not barred; least loaded, then longest idle.
local function free_agent_for(c, w)
  rank_touched(c)
  if w.only_agent then
    local a = find_agent(c, w.only_agent)
    return a and is_free(a) and a or nil
  end
  local line = key(c, 'ready:' .. queue_of(w))
  local may_be_barred = w.barred_until_ms and w.barred_until_ms > c.now
  local place = 0
  while true do
    local row = redis.call('ZRANGE', line, place, place, 'WITHSCORES')
    if not row[1] or tonumber(row[2]) >= FULL then
      return nil
    end
    local a = get_agent(c, row[1])
    if not (may_be_barred and is_barred(c, a, w.work_id)) then
      return a
    end
    place = place + 1
  end
end
