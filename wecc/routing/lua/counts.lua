-- What happened lately in a queue: counts in buckets of 30 s, with running totals over the tier's window.
--
-- Fields of the hash `rate`, each packed: `<queue>` the totals, `<queue>|<bucket>` one bucket. Reading the
-- rate of a queue is O(1); a bucket is subtracted once, when it leaves the window. Within a call everything
-- is read once and written at the end.

local BUCKET_MS = 30000
local COUNTS = {
  'asked', -- requests whose fate is known: answered, or given up
  'hit', -- of these, answered within the threshold
  'left', -- departures from the queue after a wait
  'busy_ms', -- time with somebody waiting, up to the last departure
  'handled', -- conversations finished by an agent
  'handling_ms', -- their length
}

local function bucket_at(ms)
  return math.floor(ms / BUCKET_MS)
end

local function unpack_counts(raw)
  local n = {}
  if raw then
    -- Totals only: the buckets they cover, and when the queue last became non-empty or lost somebody.
    n.asked, n.hit, n.left, n.busy_ms, n.handled, n.handling_ms, n.from, n.last, n.seen_ms = cmsgpack.unpack(raw)
  else
    for _, count in ipairs(COUNTS) do
      n[count] = 0
    end
  end
  return n
end

local function pack_counts(n)
  return cmsgpack.pack(
    n.asked, n.hit, n.left, n.busy_ms, n.handled, n.handling_ms, n.from, n.last, n.seen_ms
  )
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
  end
end

local function counts_of(c, queue)
  prefetch_counts(c, { queue })
  return c.counts[queue]
end

-- Adds to the counts of a queue, at `at_ms` or now.
local function add_counts(c, queue, given, at_ms)
  local totals, bucket = counts_of(c, queue), bucket_at(at_ms or c.now)
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

-- A request is counted once in its life, whatever happens to it later.
local function count_answer(c, w)
  if w.is_counted then
    return
  end
  w.is_counted = true
  local in_time = c.now - w.since_ms <= c.cfg.queues[queue_of(w)].threshold_ms
  add_counts(c, queue_of(w), { asked = 1, hit = in_time and 1 or 0 })
end

-- Giving up is a miss, except so soon that nobody could have answered.
local function count_given_up(c, w)
  if w.is_counted then
    return
  end
  w.is_counted = true
  if c.now - w.since_ms >= c.cfg.short_abandon_ms then
    add_counts(c, queue_of(w), { asked = 1 })
  end
end

local function count_handled(c, w)
  add_counts(c, queue_of(w), { handled = 1, handling_ms = c.now - w.assigned_ms })
end

-- The drain of a queue is measured only while somebody waits: an idle queue says nothing about its speed.
local function note_arrival(c, w)
  if redis.call('ZCARD', line_of(c, w)) == 1 then
    local totals = counts_of(c, queue_of(w))
    totals.seen_ms = c.now
    c.counted[queue_of(w)] = totals
  end
end

local function note_departure(c, w)
  local totals = counts_of(c, queue_of(w))
  local seen_ms = totals.seen_ms or c.now
  if c.now > seen_ms then
    add_counts(c, queue_of(w), { left = 1, busy_ms = c.now - seen_ms })
    totals.seen_ms = c.now
  end
end
