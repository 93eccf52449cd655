-- What tells an entry from any other. Its text does not: to a client, bytes that are no UTF-8 all look the same.
-- Servers that only speak like Redis may lack sha1hex: then it is the text itself.
local digest_of = redis.sha1hex or function(entry)
  return entry
end
