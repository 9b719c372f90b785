-- What happened lately in a queue: counts in buckets of 30 s, with running totals over the tier's window.
--
-- Fields of the hash `rate`, per queue: `<queue>|<count>` the total, `<queue>|<bucket>|<count>` one bucket,
-- `<queue>|from` and `<queue>|last` the buckets the totals cover, `<queue>|seen` when the queue last became
-- non-empty or lost somebody. Reading the rate of a queue is O(1); a bucket is subtracted once, when it
-- leaves the window.

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

local function first_bucket(c, queue)
  return bucket_at(c.now) - c.cfg.queues[queue].buckets + 1
end

-- Forgets the buckets that left the window.
local function roll(c, queue)
  local rates, first = key(c, 'rate'), first_bucket(c, queue)
  local held = redis.call('HMGET', rates, queue .. '|from', queue .. '|last')
  local from, last = tonumber(held[1]), tonumber(held[2]) or 0
  if from and from >= first then
    return
  end
  for bucket = from or first, math.min(first - 1, last) do
    local fields = {}
    for i, count in ipairs(COUNTS) do
      fields[i] = queue .. '|' .. bucket .. '|' .. count
    end
    local gone = redis.call('HMGET', rates, unpack(fields))
    for i, count in ipairs(COUNTS) do
      if gone[i] then
        redis.call('HINCRBY', rates, queue .. '|' .. count, '-' .. gone[i])
      end
    end
    redis.call('HDEL', rates, unpack(fields))
  end
  redis.call('HSET', rates, queue .. '|from', first)
end

-- Adds to the counts of a queue, at `at_ms` or now.
local function add_counts(c, queue, counts, at_ms)
  local rates, bucket = key(c, 'rate'), bucket_at(at_ms or c.now)
  roll(c, queue)
  if bucket < first_bucket(c, queue) then
    return
  end
  for count, n in pairs(counts) do
    n = string.format('%.0f', n)
    redis.call('HINCRBY', rates, queue .. '|' .. count, n)
    redis.call('HINCRBY', rates, queue .. '|' .. bucket .. '|' .. count, n)
  end
  local last = tonumber(redis.call('HGET', rates, queue .. '|last')) or 0
  if bucket > last then
    redis.call('HSET', rates, queue .. '|last', bucket)
  end
end

local function read_counts(c, queue, ...)
  roll(c, queue)
  local fields = {}
  for i, count in ipairs({ ... }) do
    fields[i] = queue .. '|' .. count
  end
  local values = redis.call('HMGET', key(c, 'rate'), unpack(fields))
  for i = 1, #fields do
    values[i] = tonumber(values[i]) or 0
  end
  return unpack(values)
end

-- The answer rate in percent over the window, and how many requests it rests on; nobody asked = 100.
local function answer_rate(c, queue)
  local hit, asked = read_counts(c, queue, 'hit', 'asked')
  return asked > 0 and 100 * hit / asked or 100, asked
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
    redis.call('HSET', key(c, 'rate'), queue_of(w) .. '|seen', c.now)
  end
end

local function note_departure(c, w)
  local seen = tonumber(redis.call('HGET', key(c, 'rate'), queue_of(w) .. '|seen')) or c.now
  if c.now > seen then
    add_counts(c, queue_of(w), { left = 1, busy_ms = c.now - seen })
    redis.call('HSET', key(c, 'rate'), queue_of(w) .. '|seen', c.now)
  end
end
