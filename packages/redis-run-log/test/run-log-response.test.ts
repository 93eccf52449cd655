import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { readStream } from "@streambed/client";
import { resumeDurableStream } from "@streambed/core";
import { cursorOf, SseDecoder } from "@streambed/core/codec";
import { startTcpProxy } from "@streambed/test-kit";
import type { TcpProxy } from "@streambed/test-kit";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { RedisRunLogStore, runLogResponse, RunLogWriter } from "../src/index.ts";
import { pythonWriter } from "./python.ts";
import {
  addEntries,
  ask,
  connect,
  DONE,
  message,
  messages,
  proxyToShared,
  randomPrefix,
} from "./run-logs.ts";

interface Event {
  lastEventId: string;
  event: string;
  data: string;
}

const decode = (text: string): Event[] => new SseDecoder().decode(text);

/** A log without meta, and responses of it. */
async function logOf(data: readonly string[], { complete = true } = {}) {
  const prefix = randomPrefix();
  const redis = connect();
  await addEntries(`${prefix}:r`, data, { complete });
  const respond = (options: Parameters<typeof runLogResponse>[2] = {}): Promise<Response> =>
    runLogResponse(redis, "r", { prefix, pollIntervalMs: 20, ...options });
  return { prefix, redis, key: `${prefix}:r`, respond };
}

const withLastEventId = (id: string): Request =>
  new Request("http://localhost/", { headers: { "last-event-id": id } });

describe("an entry on the wire", () => {
  it("is what was written, with its seq as id, and [DONE] last", async () => {
    const { respond } = await logOf([...messages(2), "event: ping\ndata: {}\n\n", DONE]);
    const response = await respond();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await response.text()).toBe(
      "data: m1\nid: 1\n\ndata: m2\nid: 2\n\nevent: ping\ndata: {}\nid: 3\n\ndata: [DONE]\nid: 4\n\n",
    );
  });

  it.each<[string, string, string[]]>([
    ["CRLF", "data: x\r\n\r\n", ["7:x"]],
    ["CR", "data: x\r\r", ["7:x"]],
    ["several lines", "data: a\ndata: b\n\n", ["7:a\nb"]],
    ["several events: the last has the id", "data: a\n\ndata: b\n\n", ["6:a", "7:b"]],
    ["an id of its own", "id: 99\ndata: x\n\n", ["7:x"]],
    ["an id behind its data", "data: x\nid: 99\n\n", ["7:x"]],
    ["an id between", "event: e\nid: 99\ndata: x\n\n", ["7:e=x"]],
    ["ids of several events", "id: 98\ndata: a\n\nid: 99\ndata: b\n\n", ["6:a", "7:b"]],
    ["ids with CRLF", "id: 98\r\ndata: a\r\n\r\nid:99\r\ndata: b\r\n\r\n", ["6:a", "7:b"]],
    ["an id that would reset", "id\ndata: a\n\nid:\ndata: b\n\n", ["6:a", "7:b"]],
    ["what only looks like one", "data: id: 5\ndata: x\nidx: 5\n\n", ["7:id: 5\nx"]],
    ["a comment alone", ": hello\n\n", []],
    ["no end of its own", "data: x", ["7:x"]],
    ["nothing", "", []],
    ["bare text", "hello", []],
    ["nulls to fill", 'data: {"seq_id":null}\n\n', ['7:{"seq_id":7}']],
  ])("with %s", async (_, entry, expected) => {
    const before = messages(6);
    const { respond } = await logOf([...before, entry, message("after")]);
    const events = decode(await (await respond()).text());
    expect(events.slice(0, 6).map(({ data }) => message(data))).toEqual(before);
    const shown = events
      .slice(6, -1)
      .map(({ lastEventId, event, data }) => `${lastEventId}:${event && `${event}=`}${data}`);
    expect(shown).toEqual(expected);
    expect(events.at(-1)).toEqual({ lastEventId: "8", event: "", data: "after" });
  });

  it("of nothing but a megabyte of line breaks takes no longer than another", async () => {
    const { respond } = await logOf([`data: x${"\n".repeat(1_000_000)}x`, DONE]);
    const from = performance.now();
    const text = await (await respond()).text();
    expect(text.endsWith("data: [DONE]\nid: 2\n\n")).toBe(true);
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});

describe("where it begins", () => {
  it.each<[Parameters<typeof runLogResponse>[2], number]>([
    [{}, 0],
    [{ startingAfter: 2 }, 2],
    [{ startingAfter: "2" }, 2],
    [{ request: withLastEventId("3"), startingAfter: 1 }, 3],
    [{ request: new Request("http://localhost/"), startingAfter: 1 }, 1],
  ])("case %#", async (options, after) => {
    const { respond } = await logOf([...messages(3), DONE]);
    const events = decode(await (await respond(options)).text());
    expect(events.map(({ lastEventId }) => Number(lastEventId))).toEqual([1, 2, 3, 4].slice(after));
  });

  it.each<[Parameters<typeof runLogResponse>[2]]>([
    [{ startingAfter: -1 }],
    [{ startingAfter: 1.5 }],
    [{ startingAfter: NaN }],
    [{ startingAfter: "" }],
    [{ startingAfter: "1e0" }],
    [{ startingAfter: "01" }],
    [{ startingAfter: 5 }],
    [{ request: withLastEventId("x"), startingAfter: 1 }],
    [{ request: withLastEventId("5") }],
  ])("%j is 400", async (options) => {
    const { respond } = await logOf([...messages(3), DONE]);
    const response = await respond(options);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "INVALID_CURSOR" });
  });

  it("behind the end of a run that is over it is 204, but not of one that goes on", async () => {
    const over = await logOf([...messages(3), DONE]);
    const response = await over.respond({ startingAfter: 4 });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    const live = await logOf(messages(3), { complete: false });
    const open = await live.respond({ startingAfter: 3 });
    expect(open.status).toBe(200);
    await open.body!.cancel();
  });

  it("an unknown run is 404, a bad id 400, and a key of another type an error of ours", async () => {
    const prefix = randomPrefix();
    const redis = connect();
    expect((await runLogResponse(redis, "r", { prefix })).status).toBe(404);
    expect((await runLogResponse(redis, "a b", { prefix })).status).toBe(400);
    await ask("SET", `${prefix}:r`, "x");
    expect((await runLogResponse(redis, "r", { prefix })).status).toBe(500);
    const refused = { code: "INVALID_OPTION" };
    await expect(runLogResponse(redis, "r", { heartbeatMs: 0 })).rejects.toMatchObject(refused);
  });

  it("a Redis that does not answer is 503", async () => {
    const { proxy } = await proxyToShared();
    proxy.blackhole(true);
    const options = { prefix: randomPrefix(), timeoutMs: 200, retryForMs: 300 };
    const response = await runLogResponse(connect(proxy.url), "r", options);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("while it goes on", () => {
  it("has comments while the run is quiet, and entries as they come", async () => {
    const { key, respond } = await logOf(messages(1), { complete: false });
    const response = await respond({ heartbeatMs: 50 });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(text)) text += (await reader.read()).value ?? "";
    };
    await until(/id: 1\n\n(: .*\n\n){2}/);
    await addEntries(key, [message("m2"), DONE], { from: 2, complete: true });
    await until(/\[DONE\]\nid: 3\n\n$/);
    expect((await reader.read()).done).toBe(true);
    expect(decode(text).map(({ data }) => data)).toEqual(["m1", "m2", "[DONE]"]);
  });

  it("says as an event why it cannot go on", async () => {
    const { key, respond } = await logOf(messages(2), { complete: false });
    const responses = await Promise.all([respond(), respond({ idleTimeoutMs: 500 })]);
    const [lost, abandoned] = responses.map((response) => response.text());
    const [end] = decode(await abandoned!).slice(-1);
    expect(end).toMatchObject({ event: "error", lastEventId: "2" });
    expect(JSON.parse(end!.data)).toEqual({
      code: "ABANDONED",
      error: { message: expect.any(String) as string },
    });
    await ask("DEL", key);
    const events = decode(await lost!);
    expect(events.map(({ event }) => event)).toEqual(["", "", "error"]);
    expect(JSON.parse(events.at(-1)!.data)).toMatchObject({ code: "EXPIRED" });
  });

  it("a client that leaves leaves no reader behind", async () => {
    const { prefix } = await logOf(messages(1), { complete: false });
    const { proxy } = await proxyToShared();
    const redis = connect(proxy.url);
    const response = await runLogResponse(redis, "r", { prefix, pollIntervalMs: 20 });
    const reader = response.body!.getReader();
    await reader.read();
    const waiting = reader.read();
    await vi.waitFor(() => expect(proxy.counts["EVALSHA"]).toBeGreaterThan(3));
    await reader.cancel();
    expect((await waiting).done).toBe(true);
    await sleep(100);
    proxy.resetCounts();
    await sleep(150);
    expect(proxy.counts).toEqual({});
  });

  it("a body that nobody reads asks Redis for nothing", async () => {
    const { prefix } = await logOf(messages(1), { complete: false });
    const { proxy } = await proxyToShared();
    await runLogResponse(connect(proxy.url), "r", { prefix, pollIntervalMs: 20 });
    await sleep(50);
    proxy.resetCounts();
    await sleep(150);
    expect(proxy.counts).toEqual({});
  });
});

/** A server of responses, and a proxy in front of it. */
async function serve(respond: (request: Request) => Promise<Response>): Promise<TcpProxy> {
  const server = createServer((incoming, outgoing) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    void respond(new Request(`http://localhost${incoming.url!}`, { headers })).then((response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body === null) return outgoing.end();
      const body = Readable.fromWeb(response.body as import("node:stream/web").ReadableStream);
      body.on("error", () => outgoing.destroy());
      outgoing.on("close", () => body.destroy());
      return body.pipe(outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = await startTcpProxy({ host: "127.0.0.1", port, protocol: "http" });
  onTestFinished(async () => {
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  });
  return proxy;
}

describe("over a connection that breaks", () => {
  const ENTRIES = [
    message("one"),
    'event: ping\ndata: {"a":1}\n\n',
    "data: c\r\nid: 99\r\n\r\n",
    ": a comment\n\n",
    "data: é😀\ndata: \u2028\n\n",
    "data: two\n\n: behind\n\n",
    message("x".repeat(300)),
    DONE,
  ];

  /** Reads as an EventSource does: comes back with the last id, until 204. */
  async function readOver(proxy: TcpProxy, cutAfter: number | undefined) {
    const events: Event[] = [];
    let lastEventId: string | undefined;
    let requests = 0;
    if (cutAfter !== undefined) proxy.cutAfterBytes(cutAfter);
    for (;;) {
      const headers = { connection: "close", ...(lastEventId && { "last-event-id": lastEventId }) };
      requests++;
      expect(requests).toBeLessThan(5);
      try {
        const response = await fetch(proxy.url, { headers });
        if (response.status === 204) return { events, requests };
        expect(response.status).toBe(200);
        const decoder = new SseDecoder();
        for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
          for (const event of decoder.decode(text)) {
            if (event.lastEventId === "") event.lastEventId = lastEventId ?? "";
            events.push(event);
            lastEventId = event.lastEventId;
          }
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
  }

  it("gives everything once, wherever it is cut", async () => {
    const { respond } = await logOf(ENTRIES);
    const proxy = await serve((request) => respond({ request }));
    const whole = await readOver(proxy, undefined);
    expect(whole.requests).toBe(2);
    expect(whole.events.map(({ lastEventId }) => lastEventId)).toEqual([
      "1",
      "2",
      "3",
      "5",
      "6",
      "7",
      "8",
    ]);
    expect(whole.events.map(({ data }) => data)).toEqual([
      "one",
      '{"a":1}',
      "c",
      "é😀\n\u2028",
      "two",
      "x".repeat(300),
      "[DONE]",
    ]);
    let cuts = 0;
    for (let bytes = 60; bytes < 1_100; bytes += 11) {
      const { events, requests } = await readOver(proxy, bytes);
      expect(events, `cut after ${bytes} bytes`).toEqual(whole.events);
      if (requests > 2) cuts++;
    }
    expect(cuts).toBeGreaterThan(60);
  });

  it("our client follows a run that Python writes, over the store, to its end", async () => {
    const prefix = randomPrefix();
    const python = await pythonWriter(`${prefix}:r`);
    await python.write([message("one")], ["event: ping\ndata: {}\n\n"]);
    const store = new RedisRunLogStore(connect(), { prefix, pollIntervalMs: 20 });
    const proxy = await serve((request) =>
      resumeDurableStream({ store, id: "r", after: cursorOf(request) }),
    );
    const reader = readStream({ url: proxy.url });
    expect((await reader.next()).value).toMatchObject({ data: "one" });
    proxy.cut();
    await python.write([message("two")], [message("three")]);
    const rest = [];
    let next = await reader.next();
    for (; next.done !== true; next = await reader.next()) {
      rest.push(next.value.data);
      if (rest.length === 3) await python.write([DONE, true]);
    }
    expect(rest).toEqual(["{}", "two", "three"]);
    expect(next.value).toMatchObject({ state: "done" });
  });
});

it("gives what a writer of ours writes, with nulls filled, to its end", async () => {
  const prefix = randomPrefix();
  const redis = connect();
  const writer = new RunLogWriter(redis, { prefix, flushIntervalMs: 0 });
  await writer.writeChunk("run-1", 'data: {"run_id":null,"seq_id":null}\n\n');
  const response = await runLogResponse(redis, "run-1", { prefix });
  const text = response.text();
  await writer.markComplete("run-1");
  expect(await text).toBe('data: {"run_id":"run-1","seq_id":1}\nid: 1\n\ndata: [DONE]\nid: 2\n\n');
});
