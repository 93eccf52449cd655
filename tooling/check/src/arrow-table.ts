/**
 * Who may import what. A row is a package, or a layer of `core`; `npm:x` is a library. What a row does
 * not name is refused, a package without a row too. Tests are free to import their devDependencies.
 *
 *     contracts <- codec <- engine <- glue        contracts <- stores        codec <- client
 *
 * A store knows the contract and nothing above it; glue gets its store from the user; the client runs
 * in browsers and takes the wire format only. No row will ever name a Redis library: the user owns the
 * Redis client, and it is typed structurally.
 */
const CORE = ["core", "core/contracts", "core/codec", "core/conversation", "core/store-kit"];
const STORE = ["core/contracts", "core/conversation", "core/store-kit"];
const REDIS_STORE = [...STORE, "redis-driver"];

export const ARROWS: Record<string, string[]> = {
  // inside core, by folder
  "core/contracts": [],
  "core/codec": ["core/contracts"],
  "core/conversation": ["core/contracts"],
  "core/store-kit": ["core/contracts", "core/conversation"],
  "core/engine": ["core/contracts", "core/codec", "core/store-kit"],
  core: ["core/contracts", "core/codec", "core/conversation", "core/store-kit", "core/engine"],

  // stores
  memory: STORE,
  sqlite: STORE,
  "redis-driver": STORE,
  "redis-stream-store": REDIS_STORE,
  "redis-conversation-store": REDIS_STORE,
  "redis-chat-state": ["core/contracts", "redis-driver", "npm:chat", "npm:ioredis", "npm:redis"],
  redis: ["redis-driver", "redis-stream-store", "redis-conversation-store"],

  // on top of the engine
  // a store, and producers of its own: it lays out otherwise what redis-stream-store keeps
  "redis-run-log": [...CORE, "core/engine-kit", "redis-driver", "redis-stream-store"],
  "ai-sdk": [...CORE, "npm:ai"],
  "ai-transport": [...CORE, "redis-driver"],
  otel: [...CORE, "npm:@opentelemetry/api"],

  // glue: Request -> Response
  hono: [...CORE, "npm:hono"],
  // its hooks are the handlers of ai-sdk
  sveltekit: [...CORE, "ai-sdk", "npm:@sveltejs/kit"],
  next: [...CORE, "npm:next"],
  node: CORE,

  // the browser
  client: ["core/codec", "npm:ai", "npm:react", "npm:svelte"],

  // tools for people
  conformance: [...CORE, "npm:chat", "npm:fast-check", "npm:vitest"],
  cli: [...CORE, "redis-driver", "redis-stream-store", "redis-conversation-store"],
};

/**
 * Files that may import a Redis library, which is an optional peer of their package: entries for those who leave
 * the connection to it, as they know it from the adapters that they come from.
 */
export const OWN_CLIENTS: Record<string, string> = {
  "packages/redis-chat-state/src/ioredis.ts": "ioredis",
  "packages/redis-chat-state/src/node-redis.ts": "redis",
};

/** Refused everywhere else, with a message of its own. */
export const REDIS_LIBRARIES = /^(ioredis|redis|@redis\/|@upstash\/redis|iovalkey|@valkey\/)/;

/**
 * Relative imports from the first folder into the second, which otherwise no package makes. Memory depends
 * on core and its tests run the conformance suite, while the tests of those two need a store: by name, that
 * would be a cycle of dependencies, which turbo refuses. The tests of Redis packages share their clients and the
 * faults between them and a server.
 */
export const NEIGHBOURS: [from: string, to: string][] = [
  ["packages/conformance/test/", "packages/memory/src/"],
  ["packages/core/test/", "packages/memory/src/"],
  ["packages/redis-run-log/test/", "packages/redis-stream-store/test/"],
  ["packages/redis-chat-state/test/", "packages/redis-stream-store/test/"],
];
