-- Lets any other writer go on with a log at once.
-- ARGV[2] the writer that leaves
-- ARGV[3] TTL in s, for a log that has none of its own
-- ARGV[4] for how many ms the log waits for one, and readers are not told that its writer is lost
-- RETURNS { OK }
-- @include log

local status = load_status(1, ARGV[3])
if status and status.state == 'active' and status.writer == ARGV[2] then
  -- No token, and not open to all: who slept since before it left is still fenced off.
  status.writer = ''
  status.lease = tonumber(ARGV[4])
  keep_status(1, status)
end
return { OK }
