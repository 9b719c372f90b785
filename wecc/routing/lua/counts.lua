-- What happened lately in a queue: counts in buckets of 30 s, with running totals over the tier's window.
--
-- Fields of the hash `rate`, each packed: `<queue>` the totals, `<queue>|<bucket>` one bucket. Reading the
-- rate of a queue is O(1); a bucket is subtracted once, when it leaves the window. Within a call everything
-- is read once and written at the end.

local BUCKET_MS = 30000
local COUNTS = {
  'asked', -- requests whose fate is known: answered, given up, or, under gap_live, too late for an answer in time
  'hit', -- of these, answered within the threshold
  'abandoned', -- callers who gave up
  'excess_ms', -- time waited beyond the threshold
  'late', -- late callers taken while one in time waited for the same agent
  'left', -- departures from the queue after a wait
  'busy_ms', -- time with somebody waiting, up to the last departure
  'handled', -- conversations finished by an agent
  'handling_ms', -- their length
}

local function bucket_at(ms)
  return math.floor(ms / BUCKET_MS)
end

-- Totals know besides: items that have not ended, the buckets they cover, when the queue last became non-empty or lost somebody, up to
-- which original time the misses of who waits are counted, and how many of `counted:<queue>` lie after that.
local function unpack_counts(raw)
  local asked, hit, abandoned, excess_ms, late, left, busy_ms, handled, handling_ms, live, from, last, seen_ms, mark_ms, ahead
  if raw then
    asked, hit, abandoned, excess_ms, late, left, busy_ms, handled, handling_ms, live, from, last, seen_ms, mark_ms, ahead =
      cmsgpack.unpack(raw)
  end
  return {
    asked = asked or 0,
    hit = hit or 0,
    abandoned = abandoned or 0,
    excess_ms = excess_ms or 0,
    late = late or 0,
    left = left or 0,
    busy_ms = busy_ms or 0,
    handled = handled or 0,
    handling_ms = handling_ms or 0,
    live = live or 0,
    from = from,
    last = last,
    seen_ms = seen_ms,
    mark_ms = mark_ms or 0,
    ahead = ahead or 0,
  }
end

local function pack_counts(n)
  return cmsgpack.pack(
    n.asked, n.hit, n.abandoned, n.excess_ms, n.late, n.left, n.busy_ms, n.handled, n.handling_ms, n.live, n.from,
    n.last, n.seen_ms, n.mark_ms, n.ahead
  )
end

-- Adds to the counts of a queue, whose totals are given, at `at_ms` or now.
local function add_to(c, queue, totals, given, at_ms)
  local bucket = bucket_at(at_ms or c.now)
  if bucket < totals.from then
    return
  end
  local field = queue .. '|' .. bucket
  local held = c.counts[field]
  if not held then
    held = unpack_counts(redis.call('HGET', key(c, 'rate'), field))
    c.counts[field] = held
  end
  for count, n in pairs(given) do
    totals[count], held[count] = totals[count] + n, held[count] + n
  end
  totals.last = math.max(totals.last or 0, bucket)
  c.counted[queue], c.counted[field] = totals, held
end

-- Forgets the buckets that left the window.
local function roll(c, queue, totals)
  local first = bucket_at(c.now) - c.cfg.queues[queue].buckets + 1
  if totals.from and totals.from >= first then
    return
  end
  for bucket = totals.from or first, math.min(first - 1, totals.last or 0) do
    local field = queue .. '|' .. bucket
    local raw = redis.call('HGET', key(c, 'rate'), field)
    if raw then
      local gone = unpack_counts(raw)
      for _, count in ipairs(COUNTS) do
        totals[count] = totals[count] - gone[count]
      end
      redis.call('HDEL', key(c, 'rate'), field)
    end
  end
  totals.from = first
  c.counted[queue] = totals
end

local function before(ms)
  return string.format('(%d', ms)
end

-- Under gap_live a miss is counted when the threshold passes, whoever may answer later: all who wait and asked
-- before the watermark are counted, except expedited ones (below 0) and those counted earlier. It never goes
-- back, whatever the policy or the threshold become.
local function advance(c, queue, totals)
  local mark_ms = c.now - c.cfg.queues[queue].threshold_ms
  if c.cfg.policy ~= 'gap_live' or mark_ms <= totals.mark_ms then
    return
  end
  local misses = redis.call('ZCOUNT', line(c, queue), totals.mark_ms, before(mark_ms))
  if misses > 0 and totals.ahead > 0 then
    local passed = redis.call('ZREMRANGEBYSCORE', key(c, 'counted:' .. queue), '-inf', before(mark_ms))
    misses, totals.ahead = misses - passed, totals.ahead - passed
  end
  totals.mark_ms = mark_ms
  c.counted[queue] = totals
  if misses > 0 then
    add_to(c, queue, totals, { asked = misses })
  end
end

-- Reads the totals of several queues at once.
local function prefetch_counts(c, queues)
  local missing = {}
  for _, queue in ipairs(queues) do
    if not c.counts[queue] then
      missing[#missing + 1] = queue
    end
  end
  if #missing == 0 then
    return
  end
  local rows = redis.call('HMGET', key(c, 'rate'), unpack(missing))
  for i, queue in ipairs(missing) do
    local totals = unpack_counts(rows[i])
    c.counts[queue] = totals
    roll(c, queue, totals)
    advance(c, queue, totals)
  end
end

local function counts_of(c, queue)
  if not c.counts[queue] then
    prefetch_counts(c, { queue })
  end
  return c.counts[queue]
end

local function add_counts(c, queue, given, at_ms)
  add_to(c, queue, counts_of(c, queue), given, at_ms)
end

local function store_counts(c)
  local row = {}
  for field, counts in pairs(c.counted) do
    row[#row + 1] = field
    row[#row + 1] = pack_counts(counts)
    if #row >= 200 then
      redis.call('HSET', key(c, 'rate'), unpack(row))
      row = {}
    end
  end
  if #row > 0 then
    redis.call('HSET', key(c, 'rate'), unpack(row))
  end
end

-- The answer rate in percent over the window, and how many requests it rests on; nobody asked = 100.
local function answer_rate(c, queue)
  local n = counts_of(c, queue)
  return n.asked > 0 and 100 * n.hit / n.asked or 100, n.asked
end

-- Fates -------------------------------------------------------------------------------------------

-- The wait of a request that is first answered or given up, beyond the threshold.
local function excess_of(c, w)
  return math.max(0, c.now - w.since_ms - c.cfg.queues[w.queue].threshold_ms)
end

-- A request is counted once in its life, whatever happens to it later.
local function count_answer(c, w)
  local excess_ms = excess_of(c, w)
  local given = { excess_ms = not w.assigned_ms and excess_ms or 0 }
  if not w.is_counted then
    given.asked, given.hit = 1, excess_ms == 0 and 1 or 0
  end
  w.is_counted = true
  add_counts(c, w.queue, given)
end

-- Giving up late is a miss; in time it is what the tier takes it for; at once, before anybody could have
-- answered, it is nothing.
local function count_given_up(c, w, state)
  local q, wait_ms = c.cfg.queues[w.queue], c.now - w.since_ms
  local given = {}
  if not w.assigned_ms and wait_ms >= q.short_abandon_ms then
    given.abandoned, given.excess_ms = state == 'abandoned' and 1 or 0, excess_of(c, w)
  end
  if not w.is_counted and wait_ms >= q.short_abandon_ms then
    local is_late = wait_ms > q.threshold_ms
    if is_late or q.abandons ~= 'ignore' then
      given.asked, given.hit = 1, not is_late and q.abandons == 'positive' and 1 or 0
    end
  end
  w.is_counted = true
  add_counts(c, w.queue, given)
end

local function count_live(c, w, n)
  local totals = counts_of(c, w.queue)
  totals.live = totals.live + n
  c.counted[w.queue] = totals
end

local function count_handled(c, w)
  add_counts(c, w.queue, { handled = 1, handling_ms = c.now - w.assigned_ms })
end

-- Coming and going of who waits -------------------------------------------------------------------

local function enter_queue(c, w)
  local queue = w.queue
  local totals = counts_of(c, queue)
  redis.call('ZADD', line(c, queue), score_of(w), w.work_id)
  if not w.is_expedited then
    if w.is_counted and w.since_ms >= totals.mark_ms then
      redis.call('ZADD', key(c, 'counted:' .. queue), w.since_ms, w.work_id)
      totals.ahead = totals.ahead + 1
      c.counted[queue] = totals
    elseif not w.is_counted and w.since_ms < totals.mark_ms then
      w.is_counted = true
      add_to(c, queue, totals, { asked = 1 })
    end
  end
  if not totals.seen_ms or redis.call('ZCARD', line(c, queue)) == 1 then
    totals.seen_ms = c.now
    c.counted[queue] = totals
  end
end

-- The drain of a queue is measured only while somebody waits: an idle queue says nothing about its speed.
local function leave_queue(c, w)
  local queue = w.queue
  local totals = counts_of(c, queue)
  redis.call('ZREM', line(c, queue), w.work_id)
  if not w.is_expedited then
    if w.is_counted and w.since_ms >= totals.mark_ms then
      redis.call('ZREM', key(c, 'counted:' .. queue), w.work_id)
      totals.ahead = totals.ahead - 1
      c.counted[queue] = totals
    end
    w.is_counted = w.is_counted or w.since_ms < totals.mark_ms
  end
  local seen_ms = totals.seen_ms or c.now
  if c.now > seen_ms then
    totals.seen_ms = c.now
    add_to(c, queue, totals, { left = 1, busy_ms = c.now - seen_ms })
  end
end
