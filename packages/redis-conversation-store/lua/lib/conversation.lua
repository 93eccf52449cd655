-- What every script of a conversation shares.
--
-- KEYS[1] <prefix>:<sessionId>  String: the history's JSON (PROTOCOL.md, "Conversations")
-- ARGV[1] mark put before every string in the reply ('' where the client hands over bytes as they are)
--
-- The JSON is never decoded here: cjson would change it, and fails where it nests deep.

local OK, CONFLICT, FOREIGN = 1, -1, -2

local MARK = ARGV[1]

-- What tells a JSON from any other. Servers that only speak like Redis may lack sha1hex: then it is the JSON itself.
local revision_of = redis.sha1hex or function(json)
  return json
end

-- What is stored, false if there is nothing, nil if the key is of another type.
local function find_stored()
  local stored = redis.pcall('GET', KEYS[1])
  if type(stored) ~= 'table' then
    return stored
  end
  if not string.find(stored.err, '^%-?WRONGTYPE') then
    error(stored.err, 0)
  end
end
