import { setTimeout as sleep } from "node:timers/promises";
import { createDurableStream, resumeDurableStream } from "@streambed/core";
import { describe, expect, test } from "vitest";
import { WatchedStore } from "./support/answers.ts";
import { ask } from "./support/exchange.ts";
import { FRAMEWORKS } from "./support/frameworks.ts";
import { handlerOf } from "./support/scripted-handler.ts";
import { expectSilence } from "./support/silence.ts";

const CHUNKS = 2_400;
const TEXT = "x".repeat(16_384);
expectSilence();

async function* source(): AsyncGenerator<string> {
  for (let i = 1; i <= CHUNKS; i++) {
    yield `${i} ${TEXT}`;
    if (i % 50 === 0) await sleep(0);
  }
}

describe.each(FRAMEWORKS)("$name", ({ start }) => {
  test("a reader who does not read costs a buffer, and loses nothing", async () => {
    const store = new WatchedStore();
    const handler = handlerOf(() => resumeDurableStream({ store, id: "long", after: 0 }));
    const server = await start(handler);
    const { finished, response } = await createDurableStream({ store, source, id: "long" });
    await response.body?.cancel();
    const [one, two] = await Promise.all([ask(server, "/s"), ask(server, "/s")]);
    one.body.pause();
    two.body.pause();
    // The answer does not wait for its readers.
    expect(await finished).toEqual({ state: "done", totalChunks: CHUNKS });
    await settled(() => store.taken);
    expect(store.readers).toBe(2);
    // The operating system takes megabytes on its own account; what it does not is not read.
    expect(store.taken).toBeLessThan(CHUNKS);
    for (const socket of server.sockets) expect(socket.writableLength).toBeLessThan(300_000);

    two.disconnect();
    await expect.poll(() => store.readers).toBe(1);
    one.body.resume();
    expect(await one.closed).toBe("end");
    const seen = [...one.text().matchAll(/^data: (\d+) x/gm)].map(([, i]) => Number(i));
    expect(seen).toEqual(Array.from({ length: CHUNKS }, (_, i) => i + 1));
    expect(one.text()).toContain("event: done");
    expect(store.readers).toBe(0);
  });
});

/** When a number has stopped to grow. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); await sleep(100)) before = count();
}
