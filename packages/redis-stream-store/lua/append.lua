-- Appends to one stream (lib/append.lua).
-- ARGV[2…] the stream's arguments
-- RETURNS as `append` does
-- @include stream
-- @include append

return append(1, 2, #ARGV)
