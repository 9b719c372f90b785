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

-- The first of a queue, of those who asked at `from_ms` or later, that may be offered to `a`: id, original
-- time, whether expedited. Those barred for him stand at most as many as he declined or missed lately.
local function first_for(c, a, queue, from_ms)
  local may_be_barred = a.barred_until_ms and a.barred_until_ms > c.now
  local place = 0
  while true do
    local row
    if from_ms then
      row = redis.call('ZRANGEBYSCORE', line(c, queue), from_ms, '+inf', 'WITHSCORES', 'LIMIT', place, 1)
    else
      row = redis.call('ZRANGE', line(c, queue), place, place, 'WITHSCORES')
    end
    if not row[1] then
      return nil
    end
    if not (may_be_barred and is_barred(c, a, row[1])) then
      return row[1], since_of(tonumber(row[2]))
    end
    place = place + 1
  end
end

-- The answer rate of a queue over its target, rounded so that equal gaps compare equal.
local function gap_of(c, q, rate)
  return math.floor(((rate or answer_rate(c, q.queue)) - q.target) * 1e6 + 0.5) / 1e6
end

-- Somebody who may be chosen; his queue's rate and gap once it is needed.
local function head(c, q, work_id, since_ms)
  local wait_ms = c.now - since_ms
  return {
    q = q,
    work_id = work_id,
    since_ms = since_ms,
    rank = q.rank,
    rate = 0,
    target = q.target,
    gap = 0,
    wait_ms = wait_ms,
    is_late = wait_ms > q.threshold_ms,
  }
end

local function rated(c, x)
  x.rate = answer_rate(c, x.q.queue)
  x.gap = gap_of(c, x.q, x.rate)
  return x
end

-- The explanation stored with an offer or assignment, as JSON.
local function explain(c, policy, chosen, candidates)
  local seen = {}
  for i, x in ipairs(candidates) do
    seen[i] = x.q.json
      .. string.format('"rate":%.5g,"gap":%.10g,"wait_ms":%d', x.rate, x.gap, x.wait_ms)
      .. (x.is_late and ',"is_late":true}' or '}')
  end
  return string.format(
    '{"policy":"%s","tier":"%s","channel":"%s","target":%.14g,"rate":%.5g,"gap":%.10g,"wait_ms":%d%s%s,"candidates":[%s]}',
    policy, chosen.q.tier, chosen.q.channel, chosen.target, chosen.rate, chosen.gap, chosen.wait_ms,
    c.cfg.favours_high_when_met and ',"favours_high_target_when_met":true' or '',
    c.cfg.favours_high_when_missed and ',"favours_high_target_when_missed":true' or '',
    table.concat(seen, ',')
  )
end

local function explain_one(c, policy, w)
  local only = rated(c, head(c, c.cfg.queues[w.queue], w.work_id, w.since_ms))
  return explain(c, policy, only, { only })
end

-- Policies ----------------------------------------------------------------------------------------
--
-- Pure: they see the rules and the candidates and nothing else, so that any decision can be replayed from its
-- explanation. Candidates stand in the order of rank, which settles what is equal.

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

local function waited_longer(x, y)
  return x.wait_ms > y.wait_ms
end

local function lower_gap(x, y)
  return x.gap < y.gap or (x.gap == y.gap and waited_longer(x, y))
end

local function higher_target(x, y)
  return x.target > y.target or (x.target == y.target and lower_gap(x, y))
end

local function higher_rank(x, y)
  return x.rank < y.rank or (x.rank == y.rank and waited_longer(x, y))
end

local function is_missed(x)
  return x.gap < 0
end

local function is_late(x)
  return x.is_late
end

local function is_in_time(x)
  return not x.is_late
end

-- The operator's rule (2.4.3-05): the tier furthest below its target; ties go to the longest wait. On his
-- wish the higher target first, when all are met (2.4.3-06) or several are missed (2.4.3-07).
local function by_gap(rules, candidates, policy)
  local missed = select(candidates, is_missed)
  if #missed == 0 and rules.favours_high_when_met then
    return first_by(candidates, higher_target), candidates, policy .. '_met'
  end
  if #missed > 1 and rules.favours_high_when_missed then
    return first_by(missed, higher_target), candidates, policy .. '_missed'
  end
  return first_by(candidates, lower_gap), candidates, policy
end

-- Each policy: the chosen one, those it considered, what decided.
local POLICIES = {
  gap = function(rules, candidates)
    return by_gap(rules, candidates, 'gap')
  end,

  -- A late caller cannot count as answered in time any more, so the rule is applied to those who still can.
  -- The late ones have every k-th decision, or they would wait for ever.
  gap_live = function(rules, candidates, is_late_turn)
    if is_late_turn then
      local late = select(candidates, is_late)
      return first_by(late, waited_longer), late, 'gap_live_late'
    end
    local in_time = select(candidates, is_in_time)
    return by_gap(rules, #in_time > 0 and in_time or candidates, 'gap_live')
  end,

  -- The highest tier first, whatever the rates (2.4.3-08).
  vip_strict = function(_, candidates)
    return first_by(candidates, higher_rank), candidates, 'vip_strict'
  end,

  fifo = function(_, candidates)
    return first_by(candidates, waited_longer), candidates, 'fifo'
  end,
}

-- Candidates --------------------------------------------------------------------------------------

-- Subordinate tiers are considered only while all others meet their targets (2.3-24), or when nobody else
-- waits for this agent: he is never idle while somebody does.
local function without_subordinates(c, heads)
  local others = select(heads, function(x)
    return not x.q.is_subordinate
  end)
  if #others == 0 or #others == #heads then
    return heads
  end
  prefetch_counts(c, c.cfg.order)
  for _, queue in ipairs(c.cfg.order) do
    local q = c.cfg.queues[queue]
    if not q.is_subordinate and gap_of(c, q) < 0 then
      return others
    end
  end
  return heads
end

-- The oldest in a queue whom `a` can still answer in time: id and original time; nil when none.
local function still_in_time(c, a, q)
  local id, since_ms = first_for(c, a, q.queue, c.now - q.threshold_ms)
  if id and is_open(c, serves(c, a).of[q.queue], since_ms) then
    return id, since_ms
  end
end

local function has_one_in_time(c, a, heads)
  for _, x in ipairs(heads) do
    if not x.is_late then
      return true
    end
    -- The newest in line tells, at less cost than a search: mostly he may be served.
    local newest = redis.call('ZRANGE', line(c, x.q.queue), -1, -1, 'WITHSCORES')
    if since_of(tonumber(newest[2])) >= c.now - x.q.threshold_ms then
      local s = serves(c, a).of[x.q.queue]
      if (s.is_at_once and not a.barred_until_ms) or still_in_time(c, a, x.q) then
        return true
      end
    end
  end
  return false
end

-- Of each head's queue the oldest still in time.
local function those_in_time(c, a, heads)
  local candidates = {}
  for _, x in ipairs(heads) do
    if x.is_late then
      local id, since_ms = still_in_time(c, a, x.q)
      candidates[#candidates + 1] = id and rated(c, head(c, x.q, id, since_ms))
    else
      candidates[#candidates + 1] = x
    end
  end
  return candidates
end

-- By the center's policy among the heads of the queues. Counts late callers taken before others in time.
local function choose_by_policy(c, a, heads)
  local candidates, is_late_turn = heads, false
  if c.cfg.policy == 'gap_live' and #select(heads, is_late) > 0 then
    is_late_turn = redis.call('INCR', key(c, 'turns')) % c.cfg.late_turn == 0
    if not is_late_turn then
      local in_time = those_in_time(c, a, heads)
      candidates = #in_time > 0 and in_time or heads
    end
  end
  local best, considered, decided = POLICIES[c.cfg.policy](c.cfg, candidates, is_late_turn)
  if best.is_late and has_one_in_time(c, a, heads) then
    add_counts(c, best.q.queue, { late = 1 })
  end
  return get_work(c, best.work_id), explain(c, decided, best, considered)
end

-- The first of what waits for him alone that he can take.
local function direct_for(c, a)
  if a.direct == 0 then
    return nil
  end
  for _, id in ipairs(redis.call('ZRANGE', key(c, 'direct:' .. a.agent_id), 0, -1)) do
    local w = get_work(c, id)
    if can_take(c, a, w.channel) then
      return w
    end
  end
end

-- The work to offer to `a` next, with the explanation; nil when nothing waits that he can take. What waits
-- for him alone goes first, then what a supervisor has moved to the front. O(tiers * log n).
local function choose(c, a)
  local mine = direct_for(c, a)
  if mine then
    return mine, explain_one(c, 'direct', mine)
  end
  local heads, queues, first = {}, {}, nil
  for _, s in ipairs(serves(c, a)) do
    if can_take(c, a, s.channel) then
      local id, since_ms, is_expedited = first_for(c, a, s.queue)
      if id and is_open(c, s, since_ms, is_expedited) then
        local x = head(c, s.q, id, since_ms)
        queues[#queues + 1], heads[#heads + 1] = s.queue, x
        if is_expedited and not (first and longer_wait(first, x)) then
          first = x
        end
      end
    end
  end
  if #heads == 0 then
    return nil
  end
  if first then
    local w = get_work(c, first.work_id)
    return w, explain_one(c, 'expedited', w)
  end
  prefetch_counts(c, queues)
  for _, x in ipairs(heads) do
    rated(c, x)
  end
  return choose_by_policy(c, a, without_subordinates(c, heads))
end

-- The agent for a waiting item: of those who can take it and are not barred, the one who suits best.
local function free_agent_for(c, w)
  rank_touched(c)
  if w.only_agent then
    local a = find_agent(c, w.only_agent)
    return a and can_take(c, a, w.channel) and a or nil
  end
  local ready = key(c, 'ready:' .. w.queue)
  local may_be_barred = w.barred_until_ms and w.barred_until_ms > c.now
  local place = 0
  while true do
    local row = redis.call('ZRANGE', ready, place, place, 'WITHSCORES')
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
