import { askUpstash, upstashTargets } from "@streambed/test-kit";
import type { UpstashAccess } from "@streambed/test-kit";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { chatStateConformance } from "./harness.ts";

describe.each(upstashTargets())("Upstash $name", ({ patience, open }) => {
  let access: UpstashAccess;
  beforeAll(async () => {
    const { hostname, port } = new URL(inject("redisUrl"));
    access = await open({ host: hostname, port: Number(port) });
  });
  afterAll(() => access[Symbol.asyncDispose]());

  const connect = (automaticDeserialization: boolean) => (): Redis =>
    new Redis({ url: access.url, token: access.token, automaticDeserialization });

  chatStateConformance("@upstash/redis, without automatic deserialisation in the other process", {
    clients: [connect(true), connect(false)],
    patience,
    ask: (...command) => askUpstash(access, ...command),
  });
});
