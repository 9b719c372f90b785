-- Who is served next. The only place where this is decided; everything else calls `choose`.

local function longer_wait(x, y)
  return x.since_ms < y.since_ms or (x.since_ms == y.since_ms and x.work_id < y.work_id)
end

-- Each policy tells whether candidate x goes before candidate y.
local POLICIES = {
  -- The operator's rule (2.4.3-05): the tier furthest below its target; ties go to the longest wait.
  gap = function(x, y)
    return x.gap < y.gap or (x.gap == y.gap and longer_wait(x, y))
  end,
  fifo = longer_wait,
}

local function bar_name(a, w_id)
  return a.agent_id .. '\n' .. w_id
end

local function is_barred(c, a, w_id)
  local until_ms = redis.call('ZSCORE', key(c, 'barred'), bar_name(a, w_id))
  return until_ms and tonumber(until_ms) > c.now
end

-- The first in a queue that may be offered to `a`: id and original time. Those barred for him stand at
-- most as many as he declined or missed lately.
local function head_for(c, a, queue)
  local line = key(c, 'q:' .. queue)
  local may_be_barred = a.barred_until_ms and a.barred_until_ms > c.now
  local place = 0
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

local function candidate(c, queue, work_id, since_ms)
  local rate = answer_rate(c, queue)
  local target = c.cfg.queues[queue].target
  return {
    work_id = work_id,
    since_ms = since_ms,
    tier = c.cfg.queues[queue].tier,
    rate = math.floor(rate * 100 + 0.5) / 100,
    target = target,
    gap = math.floor((rate - target) * 1e6 + 0.5) / 1e6, -- so that equal gaps compare equal
    wait_ms = c.now - since_ms,
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

-- The work to offer to `a` next, with the explanation; nil when nobody waits for him. What waits for him
-- alone goes first. O(queues he serves * log n).
local function choose(c, a)
  local mine = redis.call('ZRANGE', key(c, 'direct:' .. a.agent_id), 0, 0)[1]
  if mine then
    local w = get_work(c, mine)
    return w, explain_one(c, 'direct', w)
  end
  local candidates, best = {}, nil
  local goes_before = POLICIES[c.cfg.policy]
  prefetch_counts(c, served_by(c, a))
  for _, queue in ipairs(served_by(c, a)) do
    local id, since_ms = head_for(c, a, queue)
    if id then
      local x = candidate(c, queue, id, since_ms)
      candidates[#candidates + 1] = x
      if not best or goes_before(x, best) then
        best = x
      end
    end
  end
  if best then
    return get_work(c, best.work_id), explain(c.cfg.policy, best, candidates)
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
