import { randomUUID } from "node:crypto";
import { createIoRedisState } from "@chat-adapter/state-ioredis";
import { createMemoryState } from "@chat-adapter/state-memory";
import { createRedisState } from "@chat-adapter/state-redis";
import { stateAdapterConformance } from "@streambed/conformance";
import type { Deviation } from "@streambed/conformance";
import type { Logger, StateAdapter } from "chat";
import { Redis } from "ioredis5";
import { createClient } from "redis5";
import { afterAll, beforeAll, inject } from "vitest";
import { askShared, foreignHand } from "./harness.ts";

// What the adapters of the Chat SDK promise too, and what they do not: whoever moves from them has to know.

const url = inject("redisUrl");
const ioredis = [new Redis(url), new Redis(url)] as const;
const nodeRedis = [createClient({ url }), createClient({ url })] as const;
// Each adapter leaves its listeners on the client that it was given.
for (const client of [...ioredis, ...nodeRedis]) client.setMaxListeners(0);
beforeAll(async () => {
  await Promise.all(nodeRedis.map((client) => client.connect()));
  await Promise.all(ioredis.map((client) => client.ping()));
});
afterAll(() => {
  for (const client of ioredis) client.disconnect();
  for (const client of nodeRedis) client.destroy();
});

const logger: Logger = {
  child: () => logger,
  debug() {},
  info() {},
  warn() {},
  error() {},
};

const overRedis: Deviation[] = [
  {
    invariant: "lock-expires-at",
    case: "nobody gets the lock before it",
    reason: "it is reckoned from the reply, when the time has long begun",
  },
  {
    invariant: "lock-ttl",
    case: "prolonged by nothing it is refused, and stays",
    reason: "PEXPIRE with 0 deletes the lock, and that is told as true",
  },
  {
    invariant: "fractions",
    reason: "Redis refuses them, of a list or a queue when the element is there already",
  },
  { invariant: "list-foreign", reason: "one element that is no JSON breaks getList for good" },
  { invariant: "queue-foreign", reason: "the entry is popped before it is read, and lost" },
];

const [ioPrefix, nodePrefix] = [`conformance:${randomUUID()}`, `conformance:${randomUUID()}`];

type NodeRedis = Parameters<typeof createRedisState>[0] & { client: unknown };

// The one was made for another release of the SDK, the other for another one of its client: to the types those
// are strangers.
const overIoredis = (client: Redis): StateAdapter =>
  createIoRedisState({ client, keyPrefix: ioPrefix, logger }) as unknown as StateAdapter;
const overNodeRedis = (client: unknown): StateAdapter =>
  createRedisState({ client, keyPrefix: nodePrefix, logger } as NodeRedis);

stateAdapterConformance("@chat-adapter/state-ioredis", {
  ...foreignHand(ioPrefix, askShared),
  sideBySide: true,
  create: () => overIoredis(ioredis[0]),
  createPeer: () => overIoredis(ioredis[1]),
  deviations: [
    ...overRedis,
    { invariant: "value-refused", reason: "undefined is stored as an empty string" },
    {
      invariant: "disconnect",
      case: "every call says that it is not connected",
      reason: "with a client that was given, disconnect does nothing",
    },
  ],
});

stateAdapterConformance("@chat-adapter/state-redis", {
  ...foreignHand(nodePrefix, askShared),
  sideBySide: true,
  create: () => overNodeRedis(nodeRedis[0]),
  createPeer: () => overNodeRedis(nodeRedis[1]),
  deviations: overRedis,
});

stateAdapterConformance("@chat-adapter/state-memory", {
  create: () => createMemoryState() as unknown as StateAdapter,
  createPeer: (adapter) => adapter,
  deviations: [
    { invariant: "lock-ttl", reason: "a lock may be taken for no time, or prolonged by none" },
    {
      invariant: "value-json",
      case: "a cached value comes back as JSON has it",
      reason: "values are kept as they are",
    },
    {
      invariant: "value-json",
      case: "is not the object that was given, or got",
      reason: "values are kept as they are",
    },
    {
      invariant: "value-json",
      case: "an element of a list comes back as JSON has it",
      reason: "values are kept as they are",
    },
    { invariant: "value-refused", reason: "values are kept as they are" },
    {
      invariant: "queue-entry",
      case: "its message is what that says of itself",
      reason: "entries are kept as they are",
    },
    { invariant: "queue-newest", case: "0 is no limit", reason: "0 leaves nothing" },
    { invariant: "list-ttl-kept", reason: "an append without ttlMs takes the list's time away" },
    { invariant: "kinds-apart", reason: "values and lists share one map" },
    { invariant: "reconnect", reason: "disconnect forgets locks, queues and subscriptions" },
  ],
});
