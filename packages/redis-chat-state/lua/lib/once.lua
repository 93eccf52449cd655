-- What every write shares that must not be carried out twice.
--
-- KEYS[1] the key that is written
-- KEYS[2] its receipt, a String: what this very write came to
-- ARGV[1] mark put before every string in the reply ('' where the client hands over bytes as they are)
-- ARGV[2] how long the receipt is kept, in ms
--
-- The layout is that of the Chat SDK's own adapters, in TypeScript and Python: nothing else is written.
-- A script that fails half way is not rolled back: arguments are checked before they are sent.

-- What the same write came to before, as a reply; nil if it is new.
local function earlier()
  local result = redis.call('GET', KEYS[2])
  return result and { tonumber(result) } or nil
end

local function done(result)
  redis.call('SET', KEYS[2], result, 'PX', ARGV[2])
  return { result }
end
