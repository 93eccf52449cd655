import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createDurableStream, cursorOf, resumeDurableStream } from "@streambed/core";
import type { RequestHandler } from "@streambed/core";
import { MemoryStreamStore } from "@streambed/memory";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { streambed } from "../src/index.ts";

/** What a generation says next; it ends with `null`. */
type Say = (text: string | null) => void;

/** One generation over a real socket: `POST /s/stream` begins it, `GET /s/stream/resume` reads it. */
async function startServer(): Promise<{ url: string; say: Say; aborted: () => boolean }> {
  const store = new MemoryStreamStore();
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
      return (await createDurableStream({ store, source, id: "answer" })).response;
    }
    return resumeDurableStream({ store, id: "answer", after: cursorOf(request) });
  };
  const handler: RequestHandler = Object.assign(answer, { prefix: "/s" });
  const app = new Hono().use(streambed(handler));

  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  onTestFinished(async () => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await once(server.close(), "close");
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s`,
    say(text) {
      said.push(text);
      wake();
    },
    aborted: () => signal?.aborted ?? false,
  };
}

/** A connection of its own, whose text can be waited for. */
async function open(url: string, method: string) {
  const request = httpRequest(url, { method, agent: false }).end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  response.on("error", () => {});
  return {
    until: (piece: string) => expect.poll(() => text, { interval: 5 }).toContain(piece),
    text: () => text,
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

test("each chunk is on the wire before the next is there", async () => {
  const { url, say } = await startServer();
  const reader = await open(`${url}/stream`, "POST");
  for (let i = 1; i <= 5; i++) {
    say(`token ${i}`);
    await reader.until(`id: ${i}\ndata: token ${i}\n\n`);
  }
  say(null);
  await reader.until("event: done");
});

test("a client that disconnects leaves the generation running, and can come back", async () => {
  const { url, say, aborted } = await startServer();
  const first = await open(`${url}/stream`, "POST");
  say("before");
  await first.until("data: before");
  first.disconnect();
  await sleep(100);
  expect(aborted()).toBe(false);
  say("meanwhile");
  const second = await open(`${url}/stream/resume?after=1`, "GET");
  await second.until("data: meanwhile");
  second.disconnect();
  await sleep(50);
  say("after");
  say(null);
  const third = await open(`${url}/stream/resume`, "GET");
  await third.until("event: done");
  expect(
    third
      .text()
      .match(/data: \w+/g)
      ?.slice(-3),
  ).toEqual(["data: before", "data: meanwhile", "data: after"]);
});

test("a hundred clients that disconnect at once", async () => {
  const { url, say } = await startServer();
  await open(`${url}/stream`, "POST");
  const readers = await Promise.all(
    Array.from({ length: 100 }, () => open(`${url}/stream/resume`, "GET")),
  );
  say("a");
  await Promise.all(readers.map((reader) => reader.until("data: a")));
  for (const reader of readers) reader.disconnect();
  say("b");
  say(null);
  const last = await open(`${url}/stream/resume`, "GET");
  await last.until("event: done");
});
