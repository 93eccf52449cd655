-- Adds to one log (lib/append.lua).
-- ARGV[2…] the log's arguments
-- RETURNS as `append` does
-- @include log
-- @include append

return append(1, 2, #ARGV)
