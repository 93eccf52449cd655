-- The chunks of logs (lib/read.lua).
-- RETURNS as `read_logs` does
-- @include log
-- @include read

return read_logs(false)
