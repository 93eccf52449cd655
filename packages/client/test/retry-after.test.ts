import { expect, test, vi } from "vitest";
import { readStream } from "../src/index.ts";
import { DONE, event, outcomeOf, respond, stream } from "./support/answers.ts";
import { rawServer } from "./support/raw-server.ts";
import type { RawServer } from "./support/raw-server.ts";

vi.setConfig({ testTimeout: 8_000 });

function pauseBetween({ requests }: RawServer): number {
  const [first = NaN, second = NaN] = requests.map(({ at }) => at);
  return second - first;
}

/** How long a reader that does not wait by itself waits when it is told this. */
async function pauseAfter(status: string, retryAfter: string): Promise<number> {
  const server = await rawServer(
    respond(status, "", `retry-after: ${retryAfter}`),
    stream(event(1, "a"), DONE),
  );
  const outcome = await outcomeOf(readStream({ url: server.url, retryDelayMs: () => 0 }));
  expect(outcome).toMatchObject({ text: "a", end: "done" });
  return pauseBetween(server);
}

test.each(["503 Busy", "429 Slowly"])("%s is asked again when it says", async (status) => {
  expect(await pauseAfter(status, "1")).toBeGreaterThan(990);
});

test("a date is waited for", async () => {
  // In whole seconds: between one and two from now.
  const date = new Date(Date.now() + 2_000).toUTCString();
  expect(await pauseAfter("503 Busy", date)).toBeGreaterThan(900);
});

test.each(["", "soon", "-1", "0", "Sat, 01 Jan 2000 00:00:00 GMT"])(
  "%j is no pause",
  async (value) => {
    expect(await pauseAfter("503 Busy", value)).toBeLessThan(900);
  },
);

test("a pause that is asked for is not longer than a minute, and can be left", async () => {
  const server = await rawServer(respond("503 Busy", "", "retry-after: 999999999999"));
  const leaving = new AbortController();
  const pause = vi.spyOn(globalThis, "setTimeout");
  const reading = outcomeOf(
    readStream({ url: server.url, signal: leaving.signal, retryDelayMs: () => 0 }),
  );
  await expect.poll(() => pause.mock.calls.map(([, ms]) => ms)).toContain(60_000);
  pause.mockRestore();
  leaving.abort("left");
  expect(await reading).toMatchObject({ error: "left" });
});

test("a pause of the reader's own that is longer is kept", async () => {
  const server = await rawServer(
    respond("503 Busy", "", "retry-after: 0.01"),
    stream(event(1, "a"), DONE),
  );
  await outcomeOf(readStream({ url: server.url, retryDelayMs: () => 300 }));
  expect(pauseBetween(server)).toBeGreaterThan(290);
});
