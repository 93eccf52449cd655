-- The entries of logs, those that say how a run ended too (lib/read.lua).
-- RETURNS as `read_logs` does
-- @include log
-- @include read

return read_logs(true)
