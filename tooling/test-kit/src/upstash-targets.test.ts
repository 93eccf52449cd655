import { expect, it } from "vitest";
import { upstashTargets } from "./upstash-targets.ts";

const URL = "https://some.upstash.io";

it.each([
  ["nothing", {}],
  ["secrets that a CI does not have", { UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "" }],
])("%s: the emulator", (_, env) => {
  expect(upstashTargets(env).map(({ name }) => name)).toEqual(["emulator"]);
});

it("both variables: the service too", async () => {
  const env = { UPSTASH_REDIS_REST_URL: URL, UPSTASH_REDIS_REST_TOKEN: "t" };
  const [, service] = upstashTargets(env);
  expect(service?.name).toBe("service");
  const access = await service?.open({ host: "127.0.0.1", port: 1 });
  expect(access).toMatchObject({ url: URL, token: "t" });
});

it.each([{ UPSTASH_REDIS_REST_URL: URL }, { UPSTASH_REDIS_REST_TOKEN: "t" }])(
  "one of them is a mistake: %j",
  (env) => {
    expect(() => upstashTargets(env)).toThrow(/or neither/);
  },
);
