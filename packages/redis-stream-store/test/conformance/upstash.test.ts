import { askUpstash, upstashTargets } from "@streambed/test-kit";
import type { UpstashAccess } from "@streambed/test-kit";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe } from "vitest";
import { sharedAddress } from "../clients.ts";
import { redisConformance } from "./harness.ts";

describe.each(upstashTargets())("Upstash $name", ({ patience, open }) => {
  let access: UpstashAccess;
  beforeAll(async () => {
    access = await open(sharedAddress());
  });
  afterAll(() => access[Symbol.asyncDispose]());

  const connect = (automaticDeserialization: boolean) => (): Redis =>
    new Redis({ url: access.url, token: access.token, automaticDeserialization });
  const shared = { patience, popLast: (list: string) => askUpstash(access, "RPOP", list) };

  redisConformance("@upstash/redis", { ...shared, clients: [connect(true), connect(true)] });
  redisConformance("@upstash/redis without automatic deserialisation", {
    ...shared,
    clients: [connect(false), connect(false)],
  });
  redisConformance("@upstash/redis, push", {
    ...shared,
    clients: [connect(true), connect(false)],
    store: { push: true },
  });
});
