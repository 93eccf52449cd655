-- What every script of a chat's pointer shares.
--
-- KEYS[1] <prefix>:<chatId>  String: the id of the stream that answers the chat
-- ARGV[1] mark put before every string in the reply ('' where the client hands over bytes as they are)

local OK, FOREIGN = 1, -7

local MARK = ARGV[1]

-- The id that stands, false if there is none, nil if the key holds something else.
local function find_standing()
  local id = redis.pcall('GET', KEYS[1])
  if type(id) == 'table' then
    if not string.find(id.err, '^%-?WRONGTYPE') then
      error(id.err, 0)
    end
    return nil
  end
  local is_id = not id or (#id <= 256 and string.find(id, '^[A-Za-z0-9_.:-]+$'))
  if is_id then
    return id
  end
end
