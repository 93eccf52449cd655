import type { RedisClient } from "@streambed/redis-driver";
import { askUpstash, upstashTargets } from "@streambed/test-kit";
import type { UpstashTarget } from "@streambed/test-kit";
import { Redis as Upstash } from "@upstash/redis";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { RESP_TYPES, createClient } from "redis";
import { createClient as createClient5 } from "redis5";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { RedisStreamStore } from "../src/index.ts";
import type { RedisStreamStoreOptions } from "../src/index.ts";
import { connect, randomPrefix, sharedAddress } from "./clients.ts";
import { toEightMethods } from "./eight-methods.ts";

/** What clients, JSON, Lua, RESP and server-sent events might take for something else. */
const TEXTS = [
  "3",
  "-0",
  "1e3",
  "007",
  "12345678901234567890",
  "-12345678901234567890",
  "0.1234567890123456789",
  "null",
  "true",
  "undefined",
  "NaN",
  '{"a":1.0}',
  '{"a":[]}',
  "[]",
  "[1, 2]",
  '"x"',
  '"',
  "",
  " ",
  "=",
  "==x",
  "=3",
  "\ufeff",
  "\ufeffx",
  "x\ufeff",
  "\r",
  "\n",
  "a\rb\r\nc\n\n",
  "\r\n$3\r\nfoo\r\n",
  "\u2028\u2029",
  "\0",
  "\0\x01\x7f",
  "\u{1f600}",
  "e\u0301\u00e9",
  "\ufffd",
  "\uffff",
  "OK",
  "-ERR no error",
  "+OK",
  ":1",
  "__proto__",
  "eyJhIjoxfQ==",
  "data: message,x,y",
  "a,b,c",
];

type Open = () => RedisClient | Promise<RedisClient>;

const url = (): string => inject("redisUrl");

function ioredis(options: object = {}): Redis {
  const client = new Redis(url(), options);
  onTestFinished(() => client.disconnect());
  return client;
}

function ioredis5(): Redis5 {
  const client = new Redis5(url());
  onTestFinished(() => client.disconnect());
  return client;
}

async function nodeRedis() {
  const client = createClient({ url: url() });
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

async function nodeRedis5() {
  const client = createClient5({ url: url() });
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

/** The way of another process to what a client stores. */
interface Elsewhere {
  client: RedisClient;
  /** One command, and the reply as it is. */
  ask(...command: string[]): Promise<unknown>;
}

function onShared(): Elsewhere {
  const client = connect(url());
  return { client, ask: (name = "", ...args) => client.call(name, ...args) };
}

interface Row {
  name: string;
  open: Open;
  options?: RedisStreamStoreOptions;
  /** @default on the shared Redis */
  elsewhere?: () => Elsewhere | Promise<Elsewhere>;
}

function upstash(target: UpstashTarget): Row[] {
  const access = async () => {
    const opened = await target.open(sharedAddress());
    onTestFinished(() => opened[Symbol.asyncDispose]());
    return opened;
  };
  const open = (options: object) => async () => {
    const { url: at, token } = await access();
    return new Upstash({ url: at, token, ...options });
  };
  const onService = async (): Promise<Elsewhere> => {
    const opened = await access();
    return { client: new Upstash(opened), ask: (...command) => askUpstash(opened, ...command) };
  };
  const name = `Upstash ${target.name}`;
  const rows: Row[] = [
    { name, open: open({}) },
    { name: `${name}, push`, open: open({}), options: { push: true } },
    {
      name: `${name}, without auto-deserialisation`,
      open: open({ automaticDeserialization: false }),
    },
    { name: `${name}, without base64`, open: open({ responseEncoding: false }) },
  ];
  return target.name === "service" ? rows.map((row) => ({ ...row, elsewhere: onService })) : rows;
}

const CLIENTS: Row[] = [
  { name: "ioredis 6", open: ioredis },
  { name: "ioredis 6, push", open: ioredis, options: { push: true } },
  {
    name: "ioredis 6 with stringNumbers, push",
    open: () => ioredis({ stringNumbers: true }),
    options: { push: true },
  },
  { name: "ioredis 5", open: ioredis5 },
  { name: "node-redis 6", open: nodeRedis },
  { name: "node-redis 6, push", open: nodeRedis, options: { push: true } },
  { name: "node-redis 5", open: nodeRedis5 },
  {
    name: "node-redis 6 that gives its user Buffers, push",
    open: async () => (await nodeRedis()).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }),
    options: { push: true },
  },
  {
    name: "node-redis 5 with numbers as strings and Buffers",
    open: async () => (await nodeRedis5()).withTypeMapping({ 36: Buffer, 58: String }),
  },
  ...upstashTargets().flatMap(upstash),
  {
    name: "eight methods",
    open: () => toEightMethods(ioredis()),
    // Streams of the two levels are not mixed.
    elsewhere: () => ({ ...onShared(), client: toEightMethods(connect(url())) }),
  },
];

const texts = async (store: RedisStreamStore, id: string, after = 0): Promise<string[]> => {
  const chunks: string[] = [];
  for await (const { data } of store.readFrom(id, after)) chunks.push(data);
  return chunks;
};

describe.each(CLIENTS.map((row) => [row.name, row] as const))("%s", (_, row) => {
  const { open, options, elsewhere = onShared } = row;

  it("stores and gives back every text, in chunks and in errors", async () => {
    const prefix = randomPrefix();
    const store = new RedisStreamStore(await open(), { ...options, prefix });
    await store.create("s");
    await store.append("s", TEXTS);
    await store.complete("s");
    expect(await texts(store, "s")).toEqual(TEXTS);
    const { ask } = await elsewhere();
    expect(await ask("LRANGE", `${prefix}:s:chunks`, "0", "-1")).toEqual(TEXTS);
    await Promise.all(
      TEXTS.map(async (text, i) => {
        // Tokens are visible ASCII.
        const token = /^[!-~]+$/.test(text) ? text : "w";
        await store.create(`one-${i}`, { writer: token });
        await store.append(`one-${i}`, text, { writer: token, op: token });
        await store.fail(`one-${i}`, text);
        const status = { state: "error", error: text, totalChunks: 1 };
        expect(await store.getStatus(`one-${i}`)).toEqual(status);
        const stored = await ask("GET", `${prefix}:one-${i}:status`);
        expect(JSON.parse(String(stored))).toMatchObject(status);
        expect(await texts(store, `one-${i}`)).toEqual([text]);
      }),
    );
  });

  it("gives them to a reader that follows another process", async () => {
    const prefix = randomPrefix();
    const reader = new RedisStreamStore(await open(), { ...options, prefix, pollIntervalMs: 20 });
    const { client } = await elsewhere();
    const writer = new RedisStreamStore(client, { prefix, push: options?.push });
    await writer.create("s", { writer: "w" });
    const followed = texts(reader, "s");
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const text of TEXTS) {
      await writer.append("s", text, { writer: "w" });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await writer.append("s", TEXTS, { writer: "w", end: "done" });
    expect(await followed).toEqual([...TEXTS, ...TEXTS]);
  });
});
