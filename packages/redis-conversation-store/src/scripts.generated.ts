// Generated from lua/*.lua by `pnpm lua`. Do not edit.
import type { RedisScript } from "@streambed/redis-driver";

export const deleteScript: RedisScript = {
  name: "delete",
  sha1: "3a14544fb84775fc9668c94557a8dd3b33f09fab",
  source: "local OK, CONFLICT, FOREIGN = 1, -1, -2\nlocal MARK = ARGV[1]\nlocal revision_of = redis.sha1hex or function(json)\nreturn json\nend\nlocal function find_stored()\nlocal stored = redis.pcall('GET', KEYS[1])\nif type(stored) ~= 'table' then\nreturn stored\nend\nif not string.find(stored.err, '^%-?WRONGTYPE') then\nerror(stored.err, 0)\nend\nend\nif find_stored() == nil then\nreturn { FOREIGN }\nend\nredis.call('DEL', KEYS[1])\nreturn { OK }",
};

export const loadScript: RedisScript = {
  name: "load",
  sha1: "824e1fd74befc0014b5bbfc7d78ba5a73ab46bdb",
  source: "local OK, CONFLICT, FOREIGN = 1, -1, -2\nlocal MARK = ARGV[1]\nlocal revision_of = redis.sha1hex or function(json)\nreturn json\nend\nlocal function find_stored()\nlocal stored = redis.pcall('GET', KEYS[1])\nif type(stored) ~= 'table' then\nreturn stored\nend\nif not string.find(stored.err, '^%-?WRONGTYPE') then\nerror(stored.err, 0)\nend\nend\nlocal stored = find_stored()\nif stored == nil then\nreturn { FOREIGN }\nend\nif not stored then\nreturn { OK }\nend\nreturn { OK, MARK .. stored, MARK .. revision_of(stored) }",
};

export const saveScript: RedisScript = {
  name: "save",
  sha1: "e8815b5b707c8ca06cddf42392c3d1eaa6145c50",
  source: "local OK, CONFLICT, FOREIGN = 1, -1, -2\nlocal MARK = ARGV[1]\nlocal revision_of = redis.sha1hex or function(json)\nreturn json\nend\nlocal function find_stored()\nlocal stored = redis.pcall('GET', KEYS[1])\nif type(stored) ~= 'table' then\nreturn stored\nend\nif not string.find(stored.err, '^%-?WRONGTYPE') then\nerror(stored.err, 0)\nend\nend\nlocal json, built_on, brings = ARGV[2], ARGV[3], ARGV[4]\nlocal stored = find_stored()\nif stored == nil then\nreturn { FOREIGN }\nend\nlocal is_same = stored == json\nor built_on == 'any'\nor built_on == (stored and revision_of(stored) or '')\nif not is_same then\nlocal was_made = stored and brings ~= '' and string.find(stored, '\"' .. brings .. '\":', 1, true)\nif not was_made then\nreturn { CONFLICT }\nend\nelse\nredis.call('SET', KEYS[1], json, 'EX', ARGV[5])\nend\nreturn { OK, MARK .. revision_of(json) }",
};
