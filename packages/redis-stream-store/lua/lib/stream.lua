-- What every script of a stream shares.
--
-- KEYS[1] <prefix>:<id>:status  String, JSON (PROTOCOL.md, "Redis layout")
-- KEYS[2] <prefix>:<id>:chunks  List, one element a chunk
--         and so on in pairs, for a script that takes several streams
-- ARGV[1] mark put before every string in the reply ('' where the client hands over bytes as they are)
--
-- A script that fails half way is not rolled back: check everything before the first write.
-- Few functions: each costs a tenth of a microsecond in every run, called or not.

local OK, NOT_FOUND, EXISTS, NOT_ACTIVE, FENCED, LIMIT, LOST = 1, -1, -2, -3, -4, -5, -6
local FOREIGN, CONFLICT = -7, -8

local MARK = ARGV[1]

local clock

-- One moment for the whole script.
local function now_ms()
  if not clock then
    local time = redis.call('TIME')
    clock = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return clock
end

-- Stores the status of the stream whose first key is KEYS[at], and renews lease and TTL.
local function save(at, status)
  local keep_ms = status.ttl * 1000
  if status.state == 'active' and status.lease then
    status.leaseUntil = now_ms() + status.lease
    keep_ms = math.max(keep_ms, 2 * status.lease)
  end
  redis.call('SET', KEYS[at], cjson.encode(status), 'PX', keep_ms)
  redis.call('PEXPIRE', KEYS[at + 1], keep_ms)
end

-- Tells those who listen what is new, last of all: where a user may not publish, nothing else fails.
-- `chunk` is the last one, if it is the only new one.
local function announce(status, chunk)
  if status.notify then
    local message = status.epoch .. ':' .. status.totalChunks
    if chunk and #chunk <= 8192 then
      message = message .. ':' .. chunk
    end
    redis.pcall(status.sharded and 'SPUBLISH' or 'PUBLISH', status.notify, message)
  end
end

-- What a command replied, nil if its key holds another type.
local function unless_foreign(reply)
  if type(reply) ~= 'table' then
    return reply
  end
  if not string.find(reply.err, '^%-?WRONGTYPE') then
    error(reply.err, 0)
  end
end

-- The status, or nil and why: NOT_FOUND, or FOREIGN if the key holds something else.
-- A lease that has lapsed ends the stream here and now.
-- `ttl` is for a status that another library wrote, without ours.
local function load_status(at, ttl)
  local json = unless_foreign(redis.pcall('GET', KEYS[at]))
  if not json then
    return nil, json == false and NOT_FOUND or FOREIGN
  end
  local is_json, status = pcall(cjson.decode, json)
  if not is_json or type(status) ~= 'table' then
    return nil, FOREIGN
  end
  if type(status.state) ~= 'string' or type(status.totalChunks) ~= 'number' then
    return nil, FOREIGN
  end
  status.ttl = status.ttl or tonumber(ttl)
  status.epoch = status.epoch or ''
  if status.leaseUntil and status.state == 'active' and now_ms() >= status.leaseUntil then
    status.state = 'error'
    status.error = 'producer lost'
    save(at, status)
    announce(status)
  end
  return status
end
