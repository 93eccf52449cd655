-- Starts a stream, active and empty.
-- ARGV[2] epoch, random: the same again is the same attempt again
-- ARGV[3] writer, '' for none
-- ARGV[4] lease in ms, 0 for none
-- ARGV[5] TTL in s
-- ARGV[6] channel to announce on, '' for none
-- ARGV[7] '1' if that is a shard channel
-- RETURNS { OK }, { EXISTS } or { FOREIGN }
-- @include stream

local status, missing = load_status(1, ARGV[5])
if missing == FOREIGN then
  return { FOREIGN }
end
if status then
  local mine = status.epoch == ARGV[2] or (ARGV[3] ~= '' and status.writer == ARGV[3])
  return { mine and OK or EXISTS }
end

-- A user who may not publish promises no announcements: readers poll.
local is_sharded = ARGV[7] == '1'
local publish = is_sharded and 'SPUBLISH' or 'PUBLISH'
local announces = ARGV[6] ~= '' and type(redis.pcall(publish, ARGV[6], ARGV[2] .. ':0')) == 'number'

local lease = tonumber(ARGV[4])
redis.call('DEL', KEYS[2])
save(1, {
  state = 'active',
  totalChunks = 0,
  bytes = 0,
  epoch = ARGV[2],
  writer = ARGV[3] ~= '' and ARGV[3] or nil,
  lease = lease > 0 and lease or nil,
  ttl = tonumber(ARGV[5]),
  notify = announces and ARGV[6] or nil,
  sharded = announces and is_sharded and 1 or nil,
})
return { OK }
