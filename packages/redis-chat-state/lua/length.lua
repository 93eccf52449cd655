-- KEYS[1] <prefix>:queue:<id>
-- RETURNS { how many entries there are }

return { redis.call('LLEN', KEYS[1]) }
