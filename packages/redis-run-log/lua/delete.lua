-- Forgets a log, unless it is another one by now.
-- ARGV[2] epoch of the log that is meant
-- RETURNS { OK }
-- @include log

local status = load_status(1, 1)
if status and status.epoch == ARGV[2] then
  redis.call('DEL', KEYS[1], KEYS[2])
  announce(status)
end
return { OK }
