import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createDurableStream, cursorOf, resumeDurableStream } from "@streambed/core";
import type { RequestHandler } from "@streambed/core";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { streambed, streambedApp } from "../src/index.ts";
import { WatchedStore, watchIntervals } from "./support/watched-store.ts";

/** What a generation says next; it ends with `null`. */
type Say = (text: string | null) => void;
type Mount = (handler: RequestHandler) => Hono;

const MOUNTS: { name: string; path: string; mount: Mount }[] = [
  { name: "the middleware", path: "/s", mount: (handler) => new Hono().use(streambed(handler)) },
  {
    name: "the app",
    path: "/s",
    mount: (handler) => new Hono().route("/", streambedApp(handler)),
  },
  {
    name: "the app below a path",
    path: "/api/s",
    mount: (handler) => new Hono().route("/api", streambedApp(handler)),
  },
];

/** One generation over a real socket: `POST /stream` begins it, `GET /stream/resume` reads it. */
async function startServer({ path, mount }: { path: string; mount: Mount }) {
  const intervals = watchIntervals();
  const store = new WatchedStore();
  const said: (string | null)[] = [];
  let wake = (): void => {};
  let signal: AbortSignal | undefined;

  async function* source(stopped: AbortSignal): AsyncGenerator<string> {
    signal = stopped;
    for (;;) {
      for (let text = said.shift(); text !== undefined; text = said.shift()) {
        if (text === null) return;
        yield text;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const answer = async (request: Request): Promise<Response> => {
    if (request.method === "POST") {
      const first = await request.text();
      if (first !== "") said.unshift(first);
      return (await createDurableStream({ store, source, id: "answer" })).response;
    }
    return resumeDurableStream({ store, id: "answer", after: cursorOf(request) });
  };
  const app = mount(Object.assign(answer, { prefix: "/s" }));

  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), "close");
  });
  const say: Say = (text) => {
    said.push(text);
    wake();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    say,
    store,
    intervals,
    aborted: () => signal?.aborted ?? false,
  };
}

/** A connection of its own, whose text can be waited for. */
async function open(url: string, method: string, body = "") {
  const request = httpRequest(url, { method, agent: false }).end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  response.on("error", () => {});
  return {
    until: (piece: string) => expect.poll(() => text, { interval: 5 }).toContain(piece),
    text: () => text,
    response,
    disconnect: () => request.destroy(),
  };
}

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note).on("uncaughtException", note);
});
afterEach(() => {
  process.off("unhandledRejection", note).off("uncaughtException", note);
  expect(unhandled).toEqual([]);
});

describe.each(MOUNTS)("$name", (mounted) => {
  test("each chunk is on the wire before the next is there", async () => {
    const { url, say } = await startServer(mounted);
    const reader = await open(`${url}/stream`, "POST", "from the body");
    await reader.until("id: 1\ndata: from the body\n\n");
    for (let i = 2; i <= 5; i++) {
      say(`token ${i}`);
      await reader.until(`id: ${i}\ndata: token ${i}\n\n`);
    }
    say(null);
    await reader.until("event: done");
  });

  test("a client that disconnects leaves the generation running, and can come back", async () => {
    const { url, say, aborted, store } = await startServer(mounted);
    const first = await open(`${url}/stream`, "POST");
    say("before");
    await first.until("data: before");
    first.disconnect();
    // The producer's own.
    await expect.poll(() => store.readers).toBe(1);
    expect(aborted()).toBe(false);
    say("meanwhile");
    const second = await open(`${url}/stream/resume?after=1`, "GET");
    await second.until("data: meanwhile");
    second.disconnect();
    await expect.poll(() => store.readers).toBe(1);
    say("after");
    say(null);
    const third = await open(`${url}/stream/resume`, "GET");
    await third.until("event: done");
    const texts = third.text().match(/data: \w+/g);
    expect(texts?.slice(-3)).toEqual(["data: before", "data: meanwhile", "data: after"]);
    expect(await store.getStatus("answer")).toEqual({ state: "done", totalChunks: 3 });
  });

  test("a hundred clients that disconnect at once leave no reader and no timer", async () => {
    const { url, say, store, intervals } = await startServer(mounted);
    await open(`${url}/stream`, "POST");
    await expect.poll(() => store.readers).toBe(2);
    const before = intervals();
    const readers = await Promise.all(
      Array.from({ length: 100 }, () => open(`${url}/stream/resume`, "GET")),
    );
    say("a");
    await Promise.all(readers.map((reader) => reader.until("data: a")));
    await expect.poll(() => [store.readers, intervals()]).toEqual([102, before + 100]);
    for (const reader of readers) reader.disconnect();
    await expect.poll(() => [store.readers, intervals()]).toEqual([2, before]);
    say("b");
    say(null);
    const last = await open(`${url}/stream/resume`, "GET");
    await last.until("event: done");
    await expect.poll(() => [store.readers, intervals()]).toEqual([0, 0]);
  });

  test("a client that does not read costs a buffer", async () => {
    const { url, say, store } = await startServer(mounted);
    const first = await open(`${url}/stream`, "POST");
    first.response.pause();
    const count = 1_500;
    for (let i = 1; i <= count; i++) say(`${i} ${"x".repeat(16_384)}`);
    say(null);
    await expect.poll(async () => (await store.getStatus("answer"))?.state).toBe("done");
    // The producer's own reader has taken its share.
    const produced = store.taken;
    for (let seen = -1; seen !== store.taken; await sleep(100)) seen = store.taken;
    expect(produced).toBeLessThan(count);
    expect(store.taken).toBeLessThan(count);
    expect(store.readers).toBe(1);
    first.disconnect();
    await expect.poll(() => store.readers).toBe(0);
  });
});
