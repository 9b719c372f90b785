-- Who is served next. The only place where this is decided; everything else calls `choose`.

local function longer_wait(x, y)
  return x.since_ms < y.since_ms or (x.since_ms == y.since_ms and x.work_id < y.work_id)
end

local function bar_name(a, w_id)
  return a.agent_id .. '\n' .. w_id
end

local function is_barred(c, a, w_id)
  local until_ms = redis.call('ZSCORE', c.keys.barred, bar_name(a, w_id))
  return until_ms and tonumber(until_ms) > c.now
end

-- The first of a queue, of those who asked at `from_ms` or later, that may be offered to `a`: id, original
-- time, whether expedited. Those barred for him stand at most as many as he declined or missed lately.
local function first_for(c, a, queue, from_ms)
  local may_be_barred = a.barred_until_ms and a.barred_until_ms > c.now
  if not (from_ms or may_be_barred) then
    local n = counts_of(c, queue)
    if n[HEAD] ~= '' then
      return n[HEAD], since_of(n[HEAD_SCORE])
    end
    return nil
  end
  local place = 0
  while true do
    local row
    if from_ms then
      row = redis.call('ZRANGEBYSCORE', c.lines[queue], from_ms, '+inf', 'WITHSCORES', 'LIMIT', place, 1)
    else
      row = redis.call('ZRANGE', c.lines[queue], place, place, 'WITHSCORES')
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

-- Somebody who may be chosen, and how his queue does.
local function head(c, q, work_id, since_ms)
  local wait_ms, s = c.now - since_ms, standing(c, q)
  return {
    q = q,
    work_id = work_id,
    since_ms = since_ms,
    rank = q.rank,
    target = q.target,
    gap = s.gap,
    wait_ms = wait_ms,
    is_late = wait_ms > q.threshold_ms,
    json = string.format('%s"wait_ms":%d', s.json, wait_ms),
  }
end

-- The explanation stored with an offer or assignment, as JSON.
local function explain(c, policy, chosen, candidates)
  local seen = {}
  for i = 1, #candidates do
    local x = candidates[i]
    seen[i] = x.q.ranked_json .. x.json .. (x.is_late and ',"is_late":true}' or '}')
  end
  return '{"policy":"' .. policy .. '",' .. chosen.q.json .. chosen.json
    .. (c.cfg.favours_high_when_met and ',"favours_high_target_when_met":true' or '')
    .. (c.cfg.favours_high_when_missed and ',"favours_high_target_when_missed":true' or '')
    .. ',"candidates":[' .. table.concat(seen, ',') .. ']}'
end

local function explain_one(c, policy, w)
  local only = head(c, c.cfg.queues[w.queue], w.work_id, w.since_ms)
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
  for i = 2, #candidates do
    best = goes_before(candidates[i], best) and candidates[i] or best
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
  if not (rules.favours_high_when_met or rules.favours_high_when_missed) then
    return first_by(candidates, lower_gap), candidates, policy
  end
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
  if not c.cfg.has_subordinates then
    return heads
  end
  local others = select(heads, function(x)
    return not x.q.is_subordinate
  end)
  if #others == 0 or #others == #heads then
    return heads
  end
  prefetch_counts(c, c.cfg.all)
  for _, queue in ipairs(c.cfg.order) do
    local q = c.cfg.queues[queue]
    if not q.is_subordinate and standing(c, q).gap < 0 then
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
    if since_of(counts_of(c, x.q.queue)[TAIL_SCORE]) >= c.now - x.q.threshold_ms then
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
      candidates[#candidates + 1] = id and head(c, x.q, id, since_ms)
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
    is_late_turn = redis.call('INCR', c.keys.turns) % c.cfg.late_turn == 0
    if not is_late_turn then
      local in_time = those_in_time(c, a, heads)
      candidates = #in_time > 0 and in_time or heads
    end
  end
  local best, considered, decided = POLICIES[c.cfg.policy](c.cfg, candidates, is_late_turn)
  if best.is_late and has_one_in_time(c, a, heads) then
    add(c, best.q.queue, LATE, 1)
  end
  return get_work(c, best.work_id), explain(c, decided, best, considered)
end

-- The first of what waits for him alone that he can take.
local function direct_for(c, a)
  if a.direct == 0 then
    return nil
  end
  for _, id in ipairs(redis.call('ZRANGE', c.keys['direct:' .. a.agent_id], 0, -1)) do
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
  local served, heads, first, room = serves(c, a), {}, nil, {}
  prefetch_counts(c, served.queues)
  for i = 1, #served do
    local s = served[i]
    if room[s.channel] == nil then
      room[s.channel] = has_room(c, a, s.channel)
    end
    if room[s.channel] then
      local id, since_ms, is_expedited = first_for(c, a, s.queue)
      if id and is_open(c, s, since_ms, is_expedited) then
        local x = head(c, s.q, id, since_ms)
        heads[#heads + 1] = x
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
  return choose_by_policy(c, a, without_subordinates(c, heads))
end

-- The agent for a waiting item: of those who can take it and are not barred, the one who suits best.
local function free_agent_for(c, w)
  rank_touched(c)
  if w.only_agent then
    local a = find_agent(c, w.only_agent)
    return a and can_take(c, a, w.channel) and a or nil
  end
  local ready = c.keys['ready:' .. w.queue]
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
