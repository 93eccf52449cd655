-- What kind of server this is, for a check at first use.
-- RETURNS { OK, version of the Redis that it is compatible with, '' if this user may not know }
-- @include stream

local info = redis.pcall('INFO', 'server')
local version = type(info) == 'string' and string.match(info, 'redis_version:([%d.]+)')
return { OK, MARK .. (version or '') }
