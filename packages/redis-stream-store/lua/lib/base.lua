-- What the scripts of every kind of stream share: those of redis-run-log include it too.
--
-- KEYS[1] String: the status, JSON
-- KEYS[2] what holds the chunks
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
  if type(reply) ~= 'table' or not reply.err then
    return reply
  end
  if not string.find(reply.err, '^%-?WRONGTYPE') then
    error(reply.err, 0)
  end
end
