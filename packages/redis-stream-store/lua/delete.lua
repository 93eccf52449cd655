-- Forgets a stream, unless it is another one by now.
-- ARGV[2] epoch of the stream that is meant
-- RETURNS { OK }
-- @include stream

local status = load_status(1, 1)
if status and status.epoch == ARGV[2] then
  redis.call('DEL', KEYS[1], KEYS[2])
  announce(status)
end
return { OK }
