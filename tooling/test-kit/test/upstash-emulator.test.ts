import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  askRedis,
  type RedisServer,
  startRedis,
  startUpstashEmulator,
  type UpstashEmulator,
} from "@streambed/test-kit";

let redis: RedisServer;
let upstash: UpstashEmulator;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await askRedis(redis, "FLUSHALL");
  upstash = await startUpstashEmulator(redis);
});
afterEach(() => upstash.stop());

const post = (
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${upstash.url}/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${upstash.token}`, ...headers },
    body: JSON.stringify(body),
  });
const json = async (
  path: string,
  body: unknown,
  headers?: Record<string, string>,
): Promise<unknown> => (await post(path, body, headers)).json();
const BASE64 = { "upstash-encoding": "base64" };
const encoded = (text: string): string => Buffer.from(text).toString("base64");

test("one command: strings, integers, null, arrays; plain and in base64", async () => {
  expect(await json("", ["SET", "k", 'h\u00e9 "x"\n\u{1f600}'])).toEqual({ result: "OK" });
  expect(await json("", ["GET", "k"])).toEqual({ result: 'h\u00e9 "x"\n\u{1f600}' });
  expect(await json("", ["SET", "k", "v"], BASE64)).toEqual({ result: "OK" });
  expect(await json("", ["INCRBY", "n", 41], BASE64)).toEqual({ result: 41 });
  expect(await json("", ["MGET", "k", "none"], BASE64)).toEqual({ result: [encoded("v"), null] });
  expect(await json("", ["PING"], BASE64)).toEqual({ result: encoded("PONG") });
  await askRedis(redis, "XADD", "s", "1-1", "f", "OK");
  expect(await json("", ["XRANGE", "s", "-", "+"], BASE64)).toEqual({
    result: [[encoded("1-1"), [encoded("f"), encoded("OK")]]],
  });
  expect(await json("", ["EVAL", "return {1, {'a', false}}", 0], BASE64)).toEqual({
    result: [1, [encoded("a"), null]],
  });
});

test("bytes are exact in base64, and lost without it where they are not UTF-8", async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  await askRedis(redis, "SET", "bytes", bytes);
  const { result } = (await json("", ["GET", "bytes"], BASE64)) as { result: string };
  expect(Buffer.from(result, "base64")).toEqual(bytes);
  expect(await json("", ["GET", "bytes"])).toEqual({ result: bytes.toString("utf8") });
});

test("errors: 400 with plain text, 401 without the token, 400 for what is no command", async () => {
  const unknown = await post("", ["NOPE"], BASE64);
  expect(unknown.status).toBe(400);
  expect(await unknown.json()).toEqual({
    error: expect.stringMatching(/^ERR unknown command 'NOPE'/),
  });
  const unauthorised = await post("", ["PING"], { authorization: "Bearer wrong" });
  expect(unauthorised.status).toBe(401);
  expect(await unauthorised.json()).toEqual({ error: expect.any(String) });
  for (const body of [{}, [], "PING", [null], [["PING"]]])
    expect((await post("", body)).status).toBe(400);
  expect((await post("pipeline", ["PING"])).status).toBe(400);
  expect((await post("nowhere", ["PING"])).status).toBe(400);
  expect(
    (
      await fetch(upstash.url, {
        method: "DELETE",
        headers: { authorization: `Bearer ${upstash.token}` },
      })
    ).status,
  ).toBe(405);
});

test("what blocks or belongs to a connection is refused", async () => {
  for (const command of [
    ["BLPOP", "k", 0],
    ["xread", "BLOCK", 0, "STREAMS", "s", "$"],
    ["SUBSCRIBE", "ch"],
    ["MULTI"],
  ]) {
    const response = await post("", command);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: `ERR Command is not available: '${command[0]}'.`,
    });
  }
  expect(upstash.billedCommands).toBe(0);
});

test("a pipeline runs in order, and its errors do not stop it", async () => {
  const commands = [
    ["SET", "k", "v"],
    ["INCR", "k"],
    ["BLPOP", "k", 0],
    ["APPEND", "k", "w"],
    ["GET", "k"],
  ];
  expect(await json("pipeline", commands, BASE64)).toEqual([
    { result: "OK" },
    { error: expect.stringContaining("not an integer") },
    { error: expect.stringContaining("not available") },
    { result: 2 },
    { result: encoded("vw") },
  ]);
  expect(await json("pipeline", [])).toEqual([]);
});

test("a transaction is one, and is discarded whole", async () => {
  const done = await json(
    "multi-exec",
    [
      ["SET", "k", "v"],
      ["INCR", "k"],
      ["GET", "k"],
    ],
    BASE64,
  );
  expect(done).toEqual([
    { result: "OK" },
    { error: expect.stringContaining("not an integer") },
    { result: encoded("v") },
  ]);
  const discarded = await post("multi-exec", [["SET", "k", "changed"], ["NOPE"]]);
  expect(discarded.status).toBe(400);
  expect(await discarded.json()).toEqual({ error: expect.stringMatching(/^EXECABORT/) });
  expect(await json("", ["GET", "k"])).toEqual({ result: "v" });
});

test("requests and commands are counted", async () => {
  await json("", ["PING"]);
  await json("pipeline", [["PING"], ["PING"], ["PING"]]);
  await json("multi-exec", [
    ["INCR", "n"],
    ["INCR", "n"],
  ]);
  expect([upstash.requests, upstash.billedCommands]).toEqual([3, 6]);
  upstash.resetCounts();
  expect([upstash.requests, upstash.billedCommands]).toEqual([0, 0]);
});

test("a dropped reply was carried out", async () => {
  upstash.dropReplies((commands) => commands[0]?.[0] === "INCR");
  expect(await json("", ["PING"])).toEqual({ result: "PONG" });
  await expect(post("", ["INCR", "n"])).rejects.toThrow();
  upstash.dropReplies(1);
  await expect(post("pipeline", [["INCR", "n"]])).rejects.toThrow();
  expect(await json("", ["INCR", "n"])).toEqual({ result: 3 });
});

test("the sync token comes back", async () => {
  const response = await post("", ["PING"], { "upstash-sync-token": "abc" });
  expect(response.headers.get("upstash-sync-token")).toBe("abc");
});

test("a subscription is a stream of events, until the client leaves", async () => {
  const abort = new AbortController();
  const response = await fetch(`${upstash.url}/subscribe/ch:{1}`, {
    method: "POST",
    headers: { authorization: `Bearer ${upstash.token}`, accept: "text/event-stream" },
    signal: abort.signal,
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe("data: subscribe,ch:{1},1\n\n");
  expect(await json("", ["PUBLISH", "ch:{1}", "a,b"])).toEqual({ result: 1 });
  expect((await reader?.read())?.value).toBe("data: message,ch:{1},a,b\n\n");
  abort.abort();
  await expect.poll(() => json("", ["PUBLISH", "ch:{1}", "x"])).toEqual({ result: 0 });
});

test("it comes back when Redis does", async () => {
  await using own = await startRedis();
  await using emulator = await startUpstashEmulator(own);
  const ping = (): Promise<Response> =>
    fetch(emulator.url, {
      method: "POST",
      headers: { authorization: `Bearer ${emulator.token}` },
      body: '["PING"]',
    });
  expect((await ping()).status).toBe(200);
  await own.kill();
  expect((await ping()).status).toBe(500);
  await using again = await startRedis({ port: own.port });
  expect(again.port).toBe(own.port);
  expect((await ping()).status).toBe(200);
});
