-- One call's context: the keys of a center, its configuration, the time, the outbox.
--
-- Every key of a center is derived from the prefix `wecc:{<center>}`, so all of them share one slot:
--   cfg              hash: version (digest), json
--   state            hash of records, so that a call reads and writes many at once:
--                      `loaded `          marker: layout and digest of the configuration; absent = rebuild first
--                      <work id>          packed item, live ones and for a while ended ones
--                      `agent <agent id>` packed agent
--                      `queue <queue>`    what is known of a queue: its head, its counts; see counts.lua
--   agents           set: everybody there is a record of
--   q:<queue>        zset: waiting work by original time, expedited work before all others; a queue is
--                    `<channel>:<tier>`
--   counted:<queue>  zset: of these, the ones counted already that the watermark has not passed, see counts.lua
--   direct:<agent>   zset: work waiting for this agent only, by original time
--   ready:<queue>    zset: ready agents who serve it at once, by how well they suit; last those who can take
--                    nothing of its channel now: no room left, or an offer open
--   wide:<queue>     zset: likewise, those who serve it only for who waits long or while many wait
--   queues           set: every queue there was since the last flush
--   slots            hash: queue -> items its ready agents may hold; `@<channel>` -> those of the channel
--   due              zset: work by deadline (offers, wrap-ups, direct waits)
--   barred           zset: `agent\nwork` by the time until which this work is not offered to this agent
--   beat, silent     zset: stable and unstable agents by last heartbeat
--   ended            list: `time id` of ended work, oldest first
--   turns            decisions made while a late caller waited, see gap_live
--   events           stream: the outbox
--   rebuild          token of the process that rebuilds

local LAYOUT = '4' -- of the packed records; a center stored in another layout counts as not loaded
local ENTRIES_KEPT = 100000
local TRIM_EVERY = 50 -- entries
local EVENTS_TOGETHER = 200 -- at most in one entry
local LOADED = 'loaded ' -- field of `state`; no work id holds a blank
local BUCKET_MS = 30000
local STEP = 2 ^ 42 -- above any time in ms, so what it counts weighs more than a time
local FULL = 2 ^ 52 -- the score of an agent who can take nothing now
local LEVELS = 101 -- occupancy, 0 ... 100 %, weighs less than one level of skill

local HELD = { offered = true, assigned = true, wrap_up = true }
local ENDED = { closed = true, abandoned = true, overflowed = true }

local function fail(code, about)
  error({ err = code .. ' ' .. (about or '') })
end

-- Names of keys by center, so that they are not put together again and again: `keys.state`, and `lines[queue]`
-- for the key of a queue.
local names, names_kept = {}, 0

local function names_after(prefix)
  return setmetatable({}, {
    __index = function(known, name)
      known[name] = prefix .. name
      return known[name]
    end,
  })
end

local function names_of(prefix)
  local known = names[prefix]
  if not known then
    if names_kept >= 64 then
      names, names_kept = {}, 0
    end
    known = { keys = names_after(prefix .. ':'), lines = names_after(prefix .. ':q:') }
    names[prefix], names_kept = known, names_kept + 1
  end
  return known
end

-- Decoded configurations by marker. The digest in it names the content, so an entry can never be stale.
local configs, configs_kept = {}, 0

local function marker_of(digest)
  return LAYOUT .. ':' .. digest
end

-- The configuration a center's marker names; nil when it is not loaded, or in another layout, or half lost.
local function find_config(prefix, marker)
  local cfg = configs[marker]
  if cfg or not marker then
    return cfg
  end
  local layout, digest = string.match(marker, '^(.-):(.*)$')
  if layout ~= LAYOUT then
    return nil
  end
  local stored = redis.call('HMGET', prefix .. ':cfg', 'version', 'json')
  if stored[1] ~= digest then
    return nil
  end
  cfg = cjson.decode(stored[2])
  cfg.order, cfg.served, cfg.served_kept = {}, {}, 0
  for queue, q in pairs(cfg.queues) do
    cfg.order[#cfg.order + 1] = queue
    q.queue, q.field = queue, 'queue ' .. queue
    q.json = string.format('"tier":"%s","channel":"%s","target":%.14g,', q.tier, q.channel, q.target)
    q.ranked_json = string.format('{"rank":%d,', q.rank) .. q.json
  end
  table.sort(cfg.order, function(x, y)
    local first, second = cfg.queues[x].rank, cfg.queues[y].rank
    return first < second or (first == second and x < y)
  end)
  cfg.all, cfg.channels_served, cfg.wide = {}, {}, {} -- all: the queues in order
  for i, queue in ipairs(cfg.order) do
    local q = cfg.queues[queue]
    cfg.all[i] = q
    q.place, q.rule = i, cfg.channels[q.channel]
    cfg.has_subordinates = cfg.has_subordinates or q.is_subordinate
    if not q.rule.place then
      cfg.channels_served[#cfg.channels_served + 1] = q.channel
      q.rule.place = #cfg.channels_served
    end
  end
  cfg.none_open = string.rep('0', #cfg.channels_served)
  for _, group in pairs(cfg.groups) do
    for _, terms in ipairs(group) do
      terms.is_at_once = terms.after_ms == 0 and terms.longer_than == 0
      if not terms.is_at_once then
        local wide = cfg.wide[terms.queue] or { queue = terms.queue, terms = {} }
        wide.terms[#wide.terms + 1] = terms
        cfg.wide[terms.queue] = wide
      end
    end
  end
  if configs_kept >= 64 then
    configs, configs_kept = {}, 0
  end
  configs[marker], configs_kept = cfg, configs_kept + 1
  return cfg
end

local function server_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function bucket_at(ms)
  return math.floor(ms / BUCKET_MS)
end

local function new_context(prefix, now_ms)
  local known = names_of(prefix)
  local now = tonumber(now_ms) or server_ms()
  return {
    prefix = prefix,
    keys = known.keys,
    lines = known.lines,
    now = now,
    bucket = bucket_at(now), -- of counts, see counts.lua
    raw = {}, -- records as read, by field; false: there is none
    row = {}, -- those to write, fields and contents in turn
    works = {}, -- loaded items, so that everybody changes the same table; those kept are stored at the end
    agents = {}, -- loaded agents, likewise
    touched = {}, -- agents to store at the end, in order
    counts = {}, -- records of queues read
    waiting = {}, -- items that came into a queue in this call
    freed = {}, -- agents who may take work again
    offers = 0, -- made in this call
    events = {}, -- to be told at the end
    later = {}, -- other writes that have to wait until nothing can be refused any more
  }
end

-- The context of a call, with the records it is mostly about, read in one go; nil when the center is not loaded.
local function open_context(prefix, now_ms, args)
  local c = new_context(prefix, now_ms)
  local work, agent = args.work_id or '', 'agent ' .. (args.agent_id or '')
  local raw = redis.call('HMGET', c.keys.state, LOADED, work, agent)
  c.raw[work], c.raw[agent] = raw[2], raw[3]
  c.cfg = find_config(prefix, raw[1])
  return c.cfg and c
end

local function read_record(c, field)
  local raw = c.raw[field]
  if raw == nil then
    raw = redis.call('HGET', c.keys.state, field)
  end
  return raw
end

-- Reads so many that are not read yet.
local function prefetch_records(c, fields)
  for first = 1, #fields, 500 do
    local raw = redis.call('HMGET', c.keys.state, unpack(fields, first, math.min(first + 499, #fields)))
    for i, packed in ipairs(raw) do
      c.raw[fields[first + i - 1]] = packed
    end
  end
end

local function write_records(c)
  if #c.row > 0 then
    redis.call('HSET', c.keys.state, unpack(c.row))
    c.row = {}
  end
end

-- To be written at the end of the call, unless there are many.
local function write_record(c, field, packed)
  local row = c.row
  row[#row + 1], row[#row + 2] = field, packed
  if #row >= 400 then
    write_records(c)
  end
end

local told = 0

-- Puts what happened into the outbox: one entry a call, its field `events` the kinds and data in turn, as JSON
-- with commas between.
local function tell(c)
  if #c.events == 0 then
    return
  end
  redis.call('XADD', c.keys.events, '*', 'events', table.concat(c.events, ','))
  c.events = {}
  told = told + 1
  if told % TRIM_EVERY == 0 then
    redis.call('XTRIM', c.keys.events, 'MAXLEN', '~', ENTRIES_KEPT)
  end
end

-- `data` is JSON.
local function emit(c, kind, data)
  local events = c.events
  events[#events + 1], events[#events + 2] = '"' .. kind .. '"', data
  if #events == 2 * EVENTS_TOGETHER then
    tell(c)
  end
end
