-- What is known of every queue: who stands first in it, how many live items it has, and what happened lately,
-- as counts over the tier's window.
--
-- A record, read as an array with the places below, holds the counts of the whole window and again those of the
-- current bucket of 30 s; once that is over they are kept as `queue <queue>|<bucket>`, and subtracted when they
-- leave the window. So a rate costs one read, whatever the window. Within a call a record is read once and
-- written at the end.

local ASKED = 1 -- requests whose fate is known: answered, given up, or, under gap_live, too late for an answer in time
local HIT = 2 -- of these, answered within the threshold
local ABANDONED = 3 -- callers who gave up
local EXCESS_MS = 4 -- time waited beyond the threshold
local LATE = 5 -- late callers taken while one in time waited for the same agent
local LEFT = 6 -- departures from the queue after a wait
local BUSY_MS = 7 -- time with somebody waiting, up to the last departure
local HANDLED = 8 -- conversations finished by an agent
local HANDLING_MS = 9 -- their length
local COUNTS = 9 -- so many; at COUNTS + 1 … 2 * COUNTS those of the current bucket

local LIVE = 19 -- items that have not ended
local FROM = 20 -- the first bucket of the window, 0 for a new record
local BUCKET = 21 -- the current one
local SEEN_MS = 22 -- when the queue last became non-empty or lost somebody, 0 for never
local MARK_MS = 23 -- up to which original time the misses of who waits are counted
local AHEAD = 24 -- how many of `counted:<queue>` lie after that
local HEAD_SCORE = 25 -- the place of who stands first
local TAIL_SCORE = 26 -- the place of who stands last
local NUMBERS = 26
local HEAD = 27 -- the id of who stands first, '' when nobody waits
local IS_CHANGED = 28 -- in this call

local PACKED = '<dddddddddddddddddddddddddd' -- as many as NUMBERS: cheaper than cmsgpack, and read in one go
local PACKED_BUCKET = '<ddddddddd'

local function unpack_counts(raw)
  if not raw then
    return { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', false }
  end
  local n = { struct.unpack(PACKED, raw) }
  n[HEAD], n[IS_CHANGED] = string.sub(raw, 8 * NUMBERS + 1), false
  return n
end

local function pack_counts(n)
  return struct.pack(PACKED, unpack(n, 1, NUMBERS)) .. n[HEAD]
end

-- A write that has to wait until nothing can be refused any more.
local function later(c, ...)
  c.later[#c.later + 1] = { ... }
end

-- The current bucket is over: kept while it is in the window.
local function close_bucket(c, q, n)
  local counts = { unpack(n, COUNTS + 1, 2 * COUNTS) }
  for i, count in ipairs(counts) do
    if n[BUCKET] < n[FROM] then
      n[i] = n[i] - count
    end
    n[COUNTS + i] = 0
  end
  if n[BUCKET] >= n[FROM] and math.max(unpack(counts)) > 0 then
    later(c, 'HSET', c.keys.state, q.field .. '|' .. n[BUCKET], struct.pack(PACKED_BUCKET, unpack(counts)))
  end
  n[BUCKET] = c.bucket
end

-- Brings a record up to the time: forgets the buckets that left the window, which begins with `first`.
local function roll(c, q, n, first)
  if n[FROM] == 0 then
    n[FROM], n[BUCKET] = first, c.bucket
    return
  end
  for old = n[FROM], math.min(first, n[BUCKET]) - 1 do
    local field = q.field .. '|' .. old
    local raw = redis.call('HGET', c.keys.state, field)
    if raw then
      local gone = { struct.unpack(PACKED_BUCKET, raw) }
      for i = 1, COUNTS do
        n[i] = n[i] - gone[i]
      end
      later(c, 'HDEL', c.keys.state, field)
    end
  end
  n[FROM] = math.max(n[FROM], first)
  if n[BUCKET] < c.bucket then
    close_bucket(c, q, n)
  end
  n[IS_CHANGED] = true
end

local function add_to(n, count, amount)
  n[count], n[COUNTS + count] = n[count] + amount, n[COUNTS + count] + amount
  n[IS_CHANGED] = true
end

local function before(ms)
  return string.format('(%d', ms)
end

-- Under gap_live a miss is counted when the threshold passes, whoever may answer later: all who wait and asked
-- before the watermark are counted, except expedited ones (below 0) and those counted earlier. It never goes
-- back, whatever the policy or the threshold become.
local function advance(c, q, n)
  local mark_ms = c.now - q.threshold_ms
  if mark_ms <= n[MARK_MS] then
    return
  end
  local misses = redis.call('ZCOUNT', c.lines[q.queue], n[MARK_MS], before(mark_ms))
  if misses > 0 and n[AHEAD] > 0 then
    local counted = c.keys['counted:' .. q.queue]
    local passed = redis.call('ZCOUNT', counted, '-inf', before(mark_ms))
    later(c, 'ZREMRANGEBYSCORE', counted, '-inf', before(mark_ms))
    misses, n[AHEAD] = misses - passed, n[AHEAD] - passed
  end
  n[MARK_MS] = mark_ms
  add_to(n, ASKED, misses)
end

-- Reads the records of several queues at once.
local function prefetch_counts(c, queues)
  local missing, fields = {}, {}
  for i = 1, #queues do
    local q = queues[i]
    if not c.counts[q.queue] then
      missing[#missing + 1], fields[#fields + 1] = q, q.field
    end
  end
  if #missing == 0 then
    return
  end
  local rows = redis.call('HMGET', c.keys.state, unpack(fields))
  for i = 1, #missing do
    local q, n = missing[i], unpack_counts(rows[i])
    local first = c.bucket - q.buckets + 1
    if n[FROM] < first or n[BUCKET] < c.bucket then
      roll(c, q, n, first)
    end
    if c.cfg.policy == 'gap_live' then
      advance(c, q, n)
    end
    c.counts[q.queue] = n
  end
end

local function counts_of(c, queue)
  local n = c.counts[queue]
  if not n then
    prefetch_counts(c, { c.cfg.queues[queue] })
    n = c.counts[queue]
  end
  return n
end

local function add(c, queue, count, amount)
  add_to(counts_of(c, queue), count, amount)
end

-- What happened earlier, at a rebuild: `counts` by place.
local function add_past(c, queue, counts, at_ms)
  local n, bucket = counts_of(c, queue), bucket_at(at_ms)
  if bucket >= n[BUCKET] then
    for count, amount in pairs(counts) do
      add_to(n, count, amount)
    end
  elseif bucket >= n[FROM] then
    local field = c.cfg.queues[queue].field .. '|' .. bucket
    local raw = redis.call('HGET', c.keys.state, field)
    local kept = raw and { struct.unpack(PACKED_BUCKET, raw) } or { 0, 0, 0, 0, 0, 0, 0, 0, 0 }
    for count, amount in pairs(counts) do
      n[count], kept[count] = n[count] + amount, kept[count] + amount
    end
    redis.call('HSET', c.keys.state, field, struct.pack(PACKED_BUCKET, unpack(kept, 1, COUNTS)))
    n[IS_CHANGED] = true
  end
end

local function store_counts(c)
  for _, command in ipairs(c.later) do
    redis.call(unpack(command))
  end
  for queue, n in pairs(c.counts) do
    if n[IS_CHANGED] then
      write_record(c, c.cfg.queues[queue].field, pack_counts(n))
    end
  end
end

-- A queue's answer rate in percent over the window (nobody asked = 100), its gap to the target, rounded so that
-- equal gaps compare equal, and both as JSON. They change with the answers only: the last is remembered.
local function standing(c, q)
  local n = counts_of(c, q.queue)
  local s = q.standing
  if not s or s.hit ~= n[HIT] or s.asked ~= n[ASKED] then
    local rate = n[ASKED] > 0 and 100 * n[HIT] / n[ASKED] or 100
    local gap = math.floor((rate - q.target) * 1e6 + 0.5) / 1e6
    s = { hit = n[HIT], asked = n[ASKED], rate = rate, gap = gap }
    s.json = string.format('"rate":%.5g,"gap":%.10g,', rate, gap)
    q.standing = s
  end
  return s
end

-- Fates -------------------------------------------------------------------------------------------

-- The wait of a request that is first answered or given up, beyond the threshold.
local function excess_of(c, w)
  return math.max(0, c.now - w.since_ms - c.cfg.queues[w.queue].threshold_ms)
end

-- A request is counted once in its life, whatever happens to it later.
local function count_answer(c, w)
  local excess_ms = excess_of(c, w)
  if not w.assigned_ms then
    add(c, w.queue, EXCESS_MS, excess_ms)
  end
  if not w.is_counted then
    add(c, w.queue, ASKED, 1)
    add(c, w.queue, HIT, excess_ms == 0 and 1 or 0)
  end
  w.is_counted = true
end

-- Giving up late is a miss; in time it is what the tier takes it for; at once, before anybody could have
-- answered, it is nothing.
local function count_given_up(c, w, state)
  local q, wait_ms = c.cfg.queues[w.queue], c.now - w.since_ms
  if not w.assigned_ms and wait_ms >= q.short_abandon_ms then
    add(c, w.queue, ABANDONED, state == 'abandoned' and 1 or 0)
    add(c, w.queue, EXCESS_MS, excess_of(c, w))
  end
  if not w.is_counted and wait_ms >= q.short_abandon_ms then
    local is_late = wait_ms > q.threshold_ms
    if is_late or q.abandons ~= 'ignore' then
      add(c, w.queue, ASKED, 1)
      add(c, w.queue, HIT, not is_late and q.abandons == 'positive' and 1 or 0)
    end
  end
  w.is_counted = true
end

local function count_live(c, w, change)
  local n = counts_of(c, w.queue)
  n[LIVE] = n[LIVE] + change
  n[IS_CHANGED] = true
end

local function count_handled(c, w)
  local n = counts_of(c, w.queue)
  add_to(n, HANDLED, 1)
  add_to(n, HANDLING_MS, c.now - w.assigned_ms)
end

-- Coming and going of who waits -------------------------------------------------------------------

local function read_head(c, queue, n)
  local head = redis.call('ZRANGE', c.lines[queue], 0, 0, 'WITHSCORES')
  n[HEAD], n[HEAD_SCORE] = head[1] or '', tonumber(head[2]) or 0
end

local function enter_queue(c, w)
  local queue, score = w.queue, score_of(w)
  local n = counts_of(c, queue)
  redis.call('ZADD', c.lines[queue], score, w.work_id)
  if not w.is_expedited then
    if w.is_counted and w.since_ms >= n[MARK_MS] then
      redis.call('ZADD', c.keys['counted:' .. queue], w.since_ms, w.work_id)
      n[AHEAD] = n[AHEAD] + 1
    elseif not w.is_counted and w.since_ms < n[MARK_MS] then
      w.is_counted = true
      add_to(n, ASKED, 1)
    end
  end
  if n[HEAD] == '' then
    n[SEEN_MS] = c.now
  end
  if n[HEAD] == '' or score > n[TAIL_SCORE] then
    n[TAIL_SCORE] = score
  end
  if n[HEAD] == '' or score < n[HEAD_SCORE] then
    n[HEAD], n[HEAD_SCORE] = w.work_id, score
  elseif score == n[HEAD_SCORE] then
    read_head(c, queue, n)
  end
  n[IS_CHANGED] = true
end

-- The drain of a queue is measured only while somebody waits: an idle queue says nothing about its speed.
local function leave_queue(c, w)
  local queue = w.queue
  local n = counts_of(c, queue)
  redis.call('ZREM', c.lines[queue], w.work_id)
  if not w.is_expedited then
    if w.is_counted and w.since_ms >= n[MARK_MS] then
      redis.call('ZREM', c.keys['counted:' .. queue], w.work_id)
      n[AHEAD] = n[AHEAD] - 1
    end
    w.is_counted = w.is_counted or w.since_ms < n[MARK_MS]
  end
  if n[HEAD] == w.work_id then
    read_head(c, queue, n)
  end
  if n[TAIL_SCORE] == score_of(w) and n[HEAD] ~= '' then
    n[TAIL_SCORE] = tonumber(redis.call('ZRANGE', c.lines[queue], -1, -1, 'WITHSCORES')[2])
  end
  if c.now > n[SEEN_MS] then
    add_to(n, LEFT, 1)
    add_to(n, BUSY_MS, c.now - n[SEEN_MS])
    n[SEEN_MS] = c.now
  end
  n[IS_CHANGED] = true
end
