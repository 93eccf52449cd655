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

  // Either is the store in one of the two, and the other process in the other.
  redisConformance(
    "@upstash/redis without automatic deserialisation, and with it in the other process",
    {
      ...shared,
      clients: [connect(false), connect(true)],
    },
  );
  redisConformance(
    "@upstash/redis, and without automatic deserialisation in the other process, push",
    {
      ...shared,
      clients: [connect(true), connect(false)],
      store: { push: true },
    },
  );
});
