import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  askRedis,
  encodeCommand,
  pollUntil,
  type RedisServer,
  RespConnection,
  startRedis,
  startTcpProxy,
  type TcpProxy,
} from "@streambed/test-kit";

let redis: RedisServer;
let proxy: TcpProxy;
const seen: string[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await askRedis(redis, "FLUSHALL");
  seen.length = 0;
  proxy = await startTcpProxy({ ...redis, onRequest: (args) => void seen.push(args.join(" ")) });
});
afterEach(() => proxy.stop());

test("counts are exact for pipelined requests, split at any byte", async () => {
  const requests = [
    ["SET", "k", "\r\n*1\r\n$4\r\nPING\r\n"],
    ["get", "k"],
    ["INCR", "n"],
    ["INCR", "n"],
    ["PING"],
  ];
  const bytes = Buffer.concat(requests.map(encodeCommand));
  for (const size of [1, 5, bytes.length]) {
    proxy.resetCounts();
    await using socket = connect(proxy.port, proxy.host).setNoDelay(true);
    let replies = "";
    socket.on("data", (chunk) => (replies += String(chunk)));
    for (let at = 0; at < bytes.length; at += size) {
      socket.write(bytes.subarray(at, at + size));
      if (size === 1) await sleep(1);
    }
    await pollUntil("the last reply", 5_000, async () => replies.endsWith("+PONG\r\n"));
    expect(proxy.counts).toEqual({ SET: 1, GET: 1, INCR: 2, PING: 1 });
    expect(replies).toMatch(
      /^\+OK\r\n\$16\r\n\r\n\*1\r\n\$4\r\nPING\r\n\r\n:\d\r\n:\d\r\n\+PONG\r\n$/,
    );
  }
  expect(seen.filter((request) => request === "INCR n")).toHaveLength(6);
  expect(await askRedis(redis, "GET", "n")).toEqual(Buffer.from("6"));
});

test("a dropped reply: carried out on the server, never seen; earlier replies arrive; the next connection works", async () => {
  await using connection = await RespConnection.open(proxy);
  proxy.dropReplies((args) => String(args[0]) === "APPEND");
  const outcomes = await Promise.allSettled([
    connection.command("INCR", "n"),
    connection.command("APPEND", "log", "x"),
    connection.command("INCR", "n"),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "rejected"]);
  await pollUntil(
    "both are carried out",
    2_000,
    async () => String(await askRedis(redis, "MGET", "log", "n")) === "x,2",
  );
  expect(await askRedis(proxy, "APPEND", "log", "y")).toBe(2);
  expect(proxy.counts).toEqual({ INCR: 2, APPEND: 2 });
});

test("dropped replies by number, one connection each, and called off", async () => {
  proxy.dropReplies(2);
  await expect(askRedis(proxy, "INCR", "n")).rejects.toThrow();
  await expect(askRedis(proxy, "INCR", "n")).rejects.toThrow();
  expect(await askRedis(proxy, "INCR", "n")).toBe(3);
  proxy.dropReplies(5);
  proxy.dropReplies(0);
  expect(await askRedis(proxy, "INCR", "n")).toBe(4);
});

test.each([2, 3])("messages do not confuse the replies, in RESP%i", async (version) => {
  await using subscriber = await RespConnection.open(proxy);
  const messages: string[] = [];
  subscriber.onMessage = (message) => messages.push(String(message));
  await subscriber.command("HELLO", version);
  void subscriber
    .command("SUBSCRIBE", "ch", "ch2")
    .then((first) => messages.unshift(String(first)));
  await pollUntil("both subscriptions", 2_000, async () => messages.length === 2);
  await askRedis(redis, "PUBLISH", "ch", "one");
  await pollUntil("the message", 2_000, async () => messages.length === 3);
  expect(messages).toEqual(["subscribe,ch,1", "subscribe,ch2,2", "message,ch,one"]);
  proxy.dropReplies((args) => String(args[0]) === "PING" && String(args[1]) === "two");
  expect(String(await subscriber.command("PING", "one"))).toContain("one");
  await expect(subscriber.command("PING", "two")).rejects.toThrow();
});

test("cut ends all connections, and new ones work", async () => {
  const connections = await Promise.all([1, 2, 3].map(() => RespConnection.open(proxy)));
  await Promise.all(connections.map((connection) => connection.command("PING")));
  expect(proxy.connections).toBe(3);
  proxy.cut();
  for (const connection of connections) await connection.closed;
  await pollUntil("no connection is left", 1_000, async () => proxy.connections === 0);
  expect(await askRedis(proxy, "PING")).toBe("PONG");
});

test("a reply can be cut in its middle", async () => {
  await askRedis(redis, "SET", "k", "0123456789");
  await using socket = connect(proxy.port, proxy.host);
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  proxy.cutAfterBytes(9);
  socket.write(encodeCommand(["GET", "k"]));
  await once(socket, "close");
  expect(received).toBe("$10\r\n0123");
});

test("a black hole accepts, lets nothing through, and delivers afterwards", async () => {
  await using before = await RespConnection.open(proxy);
  expect(await before.command("INCR", "n")).toBe(1);
  proxy.blackhole(true);
  await using during = await RespConnection.open(proxy);
  const replies = Promise.all([before.command("INCR", "n"), during.command("INCR", "m")]);
  expect(await Promise.race([replies, sleep(200, "nothing")])).toBe("nothing");
  expect(await askRedis(redis, "MGET", "n", "m")).toEqual([Buffer.from("1"), null]);
  expect(proxy.counts).toEqual({ INCR: 3 });
  proxy.blackhole(false);
  expect(await replies).toEqual([2, 1]);
});

test("refusing closes the port for new connections only", async () => {
  await using open = await RespConnection.open(proxy);
  await proxy.refuse(true);
  await expect(askRedis(proxy, "PING")).rejects.toThrow(/ECONNREFUSED/);
  expect(await open.command("PING")).toBe("PONG");
  await proxy.refuse(false);
  expect(await askRedis(proxy, "PING")).toBe("PONG");
});

test("the delay counts once each way and keeps the order", async () => {
  await using connection = await RespConnection.open(proxy);
  proxy.delayMs = 60;
  const start = performance.now();
  const replies = await Promise.all([1, 2, 3, 4].map(() => connection.command("INCR", "n")));
  const tookMs = performance.now() - start;
  expect(replies).toEqual([1, 2, 3, 4]);
  expect(tookMs).toBeGreaterThanOrEqual(118);
  expect(tookMs).toBeLessThan(400);
});

test("a large reply comes through whole", async () => {
  const bytes = Buffer.alloc(8_000_000, "stream");
  await askRedis(proxy, "SET", "k", bytes);
  expect(bytes.equals((await askRedis(proxy, "GET", "k")) as Buffer)).toBe(true);
});

test("in front of an HTTP server nothing is parsed", async () => {
  const server = createServer((request, response) => void request.pipe(response)).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using http = await startTcpProxy({ host: "127.0.0.1", port, protocol: "http" });
  const response = await fetch(http.url, {
    method: "POST",
    body: "*1\r\nnot RESP",
    headers: { connection: "close" },
  });
  expect(await response.text()).toBe("*1\r\nnot RESP");
  expect(http.counts).toEqual({});
  server.close();
});
