-- What starts a log, or takes one over.
-- ARGV[2] epoch, random: the same again is the same attempt again
-- ARGV[3] writer, '' for none
-- ARGV[4] lease in ms, 0 for none
-- ARGV[5] TTL in s
-- ARGV[6] channel to announce on, '' for none
-- ARGV[7] '1' if that is a shard channel

-- `handover`: after how many ms of its silence another writer may take over from this one, nil for never.
-- `keep`: about how many entries the log keeps, nil for all.
local function begin(status, handover, keep)
  -- A user who may not publish promises no announcements: readers poll.
  local is_sharded = ARGV[7] == '1'
  local publish = is_sharded and 'SPUBLISH' or 'PUBLISH'
  local announces = ARGV[6] ~= '' and type(redis.pcall(publish, ARGV[6], status.epoch .. ':0')) == 'number'

  local lease = tonumber(ARGV[4])
  status.writer = ARGV[3] ~= '' and ARGV[3] or nil
  status.lease = lease > 0 and lease or nil
  status.handover = handover
  status.keep = keep
  status.ttl = tonumber(ARGV[5])
  status.notify = announces and ARGV[6] or nil
  status.sharded = announces and is_sharded and 1 or nil
  keep_status(1, status)
end

local function new_status()
  return { state = 'active', totalChunks = 0, markers = 0, bytes = 0, epoch = ARGV[2] }
end
