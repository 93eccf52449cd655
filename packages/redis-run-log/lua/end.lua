-- Ends a log. One that has ended stays as it is.
-- ARGV[2] 'done', 'stopped' or 'error'
-- ARGV[3] the error's text
-- ARGV[4] TTL in s, for a log that has none of its own
-- ARGV[5] the data of the entry that says so
-- RETURNS { OK }, { NOT_FOUND } or { FOREIGN }
-- @include log

local status, missing = load_status(1, ARGV[4])
if not status then
  return { missing }
end
if status.state == 'active' then
  status.totalChunks = status.totalChunks + (status.markers or 0)
  finish(1, status, ARGV[2], ARGV[3], ARGV[5])
end
return { OK }
