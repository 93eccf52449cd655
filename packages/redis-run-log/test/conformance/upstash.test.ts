import { askUpstash, upstashTargets } from "@streambed/test-kit";
import type { UpstashAccess } from "@streambed/test-kit";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe } from "vitest";
import { sharedAddress } from "../run-logs.ts";
import { runLogConformance } from "./harness.ts";

describe.each(upstashTargets())("Upstash $name", ({ patience, open }) => {
  let access: UpstashAccess;
  beforeAll(async () => {
    access = await open(sharedAddress());
  });
  afterAll(() => access[Symbol.asyncDispose]());

  const connect = (automaticDeserialization: boolean) => (): Redis =>
    new Redis({ url: access.url, token: access.token, automaticDeserialization });

  runLogConformance(
    "@upstash/redis, and without automatic deserialisation in the other process, push",
    {
      patience,
      ask: (...command) => askUpstash(access, ...command),
      clients: [connect(true), connect(false)],
      store: { push: true },
    },
  );
});
