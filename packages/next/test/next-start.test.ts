import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { buildFixture, startFixture } from "./support/fixture-app.ts";
import { ask, idOf, open } from "./support/open.ts";

const PLATFORM = fileURLToPath(new URL("fixture/platform.ts", import.meta.url));

beforeAll(buildFixture, 120_000);

describe("an answer", () => {
  test.each([
    ["", {}],
    [", also for who would take it compressed", { "accept-encoding": "gzip" }],
  ])("is on the wire chunk by chunk%s", async (_, headers) => {
    const { url, say } = await startFixture();
    const answer = await ask(url, headers);
    expect(answer.headers["content-encoding"]).toBe(undefined);
    for (let i = 1; i <= 5; i++) {
      await say(`token ${i}`);
      await answer.until(`id: ${i}\ndata: token ${i}\n\n`);
    }
    await say(null);
    await answer.until("event: done");
  });

  test("goes on when its client disconnects, and can be come back to", async () => {
    const { url, say, watch } = await startFixture();
    const first = await ask(url);
    const id = await idOf(first);
    await say("before");
    await first.until("data: before");
    first.disconnect();
    // The producer's own.
    await expect.poll(async () => (await watch()).readers).toBe(1);
    await say("meanwhile");
    const second = await open(`${url}/api/ai/stream/resume/?id=${id}&after=1`);
    await second.until("data: meanwhile");
    second.disconnect();
    await expect.poll(async () => (await watch()).readers).toBe(1);
    await say("after");
    await say(null);
    const third = await open(`${url}/api/ai/stream/resume?id=${id}`);
    await third.until("event: done");
    const texts = third.text().match(/data: (before|meanwhile|after)/g);
    expect(texts).toEqual(["data: before", "data: meanwhile", "data: after"]);
  });

  test("leaves no reader and no timer behind when fifty clients disconnect at once", async () => {
    const { url, say, watch } = await startFixture();
    const id = await idOf(await ask(url));
    const before = await watch();
    expect(before.readers).toBe(2);
    const resume = `${url}/api/ai/stream/resume?id=${id}`;
    const readers = await Promise.all(Array.from({ length: 50 }, () => open(resume)));
    await say("a");
    await Promise.all(readers.map((reader) => reader.until("data: a")));
    expect((await watch()).readers).toBe(52);
    expect((await watch()).heartbeats).toBeGreaterThanOrEqual(before.heartbeats + 50);
    for (const reader of readers) reader.disconnect();
    await expect.poll(watch).toEqual(before);
    await say(null);
    await (await open(resume)).until("event: done");
    await expect.poll(async () => (await watch()).readers).toBe(0);
  });

  test("is stopped from another connection, and the model with it", async () => {
    const { url, say, next } = await startFixture();
    const answer = await ask(url);
    const id = await idOf(answer);
    await say("before");
    await answer.until("data: before");
    const body = JSON.stringify({ id });
    const stop = await open(`${url}/api/ai/stream/stop`, { method: "POST", body });
    await stop.until('{"ok":true}');
    await answer.until("event: stopped\n");
    await answer.until("event: done\n");
    await next.waitForLine(/the model was aborted/);
  });
});

describe("after", () => {
  test("has the platform wait for the generation, though its client has left", async () => {
    const { url, say, next } = await startFixture(["--import", PLATFORM]);
    const answer = await ask(url);
    await say("before");
    await answer.until("data: before");
    await next.waitForLine(/the platform waits$/);
    answer.disconnect();
    await say("meanwhile");
    expect(next.stdout).not.toContain("the platform waits no more");
    await say(null);
    await next.waitForLine(/the platform waits no more/);
    const told = next.stdout.filter((line) => line.startsWith("the "));
    expect(told).toEqual([
      "the platform waits",
      "the model has finished",
      "the platform waits no more",
    ]);
  });

  test("has `next start` finish the generation before it ends", async () => {
    const { url, say, next } = await startFixture();
    const answer = await ask(url);
    for (let i = 0; i < 20; i++) await say(`token ${i}`);
    await say(null);
    await answer.until("data: token 0");
    answer.disconnect();
    expect(next.stdout).not.toContain("the model has finished");
    await next.kill("SIGTERM");
    expect(next.stdout).toContain("the model has finished");
  });
});

test("what cannot be served is refused in the handler's own words", async () => {
  const { url } = await startFixture();
  const long = JSON.stringify({ prompt: "x".repeat(200_000) });
  const refused: [status: number, method: string, path: string, query: string, body: string][] = [
    [400, "POST", "stream", "", "not JSON"],
    [404, "GET", "nothing", "", ""],
    [404, "GET", "stream/resume", "?id=unheard-of", ""],
    [405, "PUT", "stream", "", "{}"],
    [413, "POST", "stream", "", long],
  ];
  for (const [status, method, path, query, body] of refused) {
    for (const slash of ["", "/"]) {
      const asked = await open(`${url}/api/ai/${path}${slash}${query}`, { method, body });
      await asked.until("}");
      expect(JSON.parse(asked.text())).toMatchObject({ error: expect.any(String) });
      expect(asked.status).toBe(status);
      if (status === 405) expect(asked.headers["allow"]).toContain("POST");
    }
  }
});
