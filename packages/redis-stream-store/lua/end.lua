-- Ends a stream. One that has ended stays as it is.
-- ARGV[2] 'done', 'stopped' or 'error'
-- ARGV[3] the error's text
-- ARGV[4] TTL in s, for a stream that has none of its own
-- RETURNS { OK }, { NOT_FOUND } or { FOREIGN }
-- @include stream

local status, missing = load_status(1, ARGV[4])
if not status then
  return { missing }
end
if status.state == 'active' then
  status.state = ARGV[2]
  status.error = ARGV[2] == 'error' and ARGV[3] or nil
  save(1, status)
  announce(status)
end
return { OK }
