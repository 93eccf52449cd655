-- What kind of server this is, for a check at first use.
-- ARGV[1] mark put before every string in the reply
-- RETURNS { 1, version of the Redis that it is compatible with, '' if this user may not know }

local info = redis.pcall('INFO', 'server')
local version = type(info) == 'string' and string.match(info, 'redis_version:([%d.]+)')
return { 1, ARGV[1] .. (version or '') }
