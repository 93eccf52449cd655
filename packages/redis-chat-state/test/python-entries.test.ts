// The Python port spells queue entries in its own way: read here as it writes them, and written as it reads them.
import { describe, expect, inject, it } from "vitest";
import { connect } from "../../redis-stream-store/test/clients.ts";
import {
  connectState,
  entryOf,
  listeningLogger,
  openRawFor,
  randomPrefix,
  textOf,
} from "./support-states.ts";
import type { RedisStateAdapterOptions } from "../src/index.ts";

async function setUp(options: Partial<RedisStateAdapterOptions> = {}) {
  const prefix = randomPrefix();
  const { logger, errors: reports } = listeningLogger();
  const client = connect(inject("redisUrl"));
  const state = await connectState({ client, keyPrefix: prefix, logger, ...options });
  const raw = await openRawFor();
  const push = (...entries: string[]) => raw.ask("RPUSH", `${prefix}:queue:t`, ...entries);
  const listAt = (key: string) => raw.ask("LRANGE", `${prefix}:${key}`, "0", "-1");
  return { state, raw, reports, prefix, push, listAt };
}

/** As `json.dumps` writes it: spaces behind separators, nothing but ASCII, floats that stay floats. */
const FROM_PYTHON =
  '{"enqueued_at": 1700000000000, "expires_at": 1700000090000, "message": {"_type": "chat:Message", "id": "m1", ' +
  '"threadId": "slack:C1:1.1", "text": "\\u00e9\\u20ac\\ud83d\\ude00", "formatted": {"type": "root", "children": []}, ' +
  '"raw": null, "author": {"userId": "U1", "userName": "u", "fullName": "U", "isBot": false, "isMe": false}, ' +
  '"metadata": {"dateSent": "2024-01-15T10:30:00.123456+00:00", "edited": false}, "attachments": [], "score": 1.0}}';

describe("an entry of Python's", () => {
  it("is read: its times by their names here, its message as it is", async () => {
    const { state, push, reports } = await setUp();
    await push(FROM_PYTHON);
    expect(await state.queueDepth("t")).toBe(1);
    expect(await state.dequeue("t")).toEqual({
      enqueuedAt: 1_700_000_000_000,
      expiresAt: 1_700_000_090_000,
      message: {
        _type: "chat:Message",
        id: "m1",
        threadId: "slack:C1:1.1",
        text: "é€😀",
        formatted: { type: "root", children: [] },
        raw: null,
        author: { userId: "U1", userName: "u", fullName: "U", isBot: false, isMe: false },
        metadata: { dateSent: "2024-01-15T10:30:00.123456+00:00", edited: false },
        attachments: [],
        score: 1,
      },
    });
    expect(reports).toEqual([]);
  });

  it("may have times as floats, and stand among entries of TypeScript's", async () => {
    const { state, push } = await setUp();
    await state.enqueue("t", entryOf("a"), 10);
    await push('{"enqueued_at": 1700000000000.5, "expires_at": 1e12, "message": {"text": "b"}}');
    await state.enqueue("t", entryOf("c"), 10);
    expect(textOf(await state.dequeue("t"))).toBe("a");
    expect(await state.dequeue("t")).toMatchObject({
      enqueuedAt: 1.7000000000005e12,
      expiresAt: 1e12,
    });
    expect(textOf(await state.dequeue("t"))).toBe("c");
  });

  it("with NaN and Infinity, which are no JSON, is read: as null, but in strings", async () => {
    const { state, push, listAt } = await setUp();
    const raw =
      '"raw": {"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \\"-Infinity\\" NaN", "NaN": 1}';
    await push(FROM_PYTHON.replace('"raw": null', raw), FROM_PYTHON);
    expect((await state.dequeue("t"))?.message.raw).toEqual({
      a: null,
      b: [null, null],
      c: 'NaN "-Infinity" NaN',
      NaN: 1,
    });
    expect(textOf(await state.dequeue("t"))).toBe("é€😀");
    expect(await listAt("dead:t")).toEqual([]);
  });

  it("whose times are NaN is kept as it is, and reported", async () => {
    const { state, push, listAt, reports, raw, prefix } = await setUp();
    const timeless = FROM_PYTHON.replace("1700000090000", "NaN");
    await push(timeless, FROM_PYTHON);
    expect(textOf(await state.dequeue("t"))).toBe("é€😀");
    expect(await listAt("dead:t")).toEqual([timeless]);
    expect(Number(await raw.ask("PTTL", `${prefix}:dead:t`))).toBeGreaterThan(86_400_000);
    expect(reports).toHaveLength(1);
    expect(reports[0]?.[0]).toContain(`${prefix}:dead:t`);
  });
});

it("values and lists of Python's are read, NaN as null, and junk as it is", async () => {
  const { state, raw, prefix } = await setUp();
  await raw.ask("SET", `${prefix}:cache:k`, '{"a": NaN, "b": "\\u00e9", "c": 1.0}');
  expect(await state.get("k")).toEqual({ a: null, b: "é", c: 1 });
  await raw.ask("RPUSH", `${prefix}:list:l`, '{"a": Infinity}', "junk NaN", '"x"', "NaN");
  expect(await state.getList("l")).toEqual([{ a: null }, "junk NaN", "x", null]);
});

describe("an entry of ours for both", () => {
  it("has all that Python's dequeue takes, each by its name, and loses none for TypeScript", async () => {
    const { state, listAt } = await setUp({ queueFormat: "both" });
    const entry = entryOf("é");
    await state.enqueue("t", entry, 10);
    const [json = ""] = (await listAt("queue:t")) as string[];
    const read = JSON.parse(json) as Record<string, unknown>;
    expect(Object.keys(read)).toEqual([
      "message",
      "enqueuedAt",
      "expiresAt",
      "enqueued_at",
      "expires_at",
    ]);
    expect(read).toEqual({
      ...entry,
      enqueued_at: entry.enqueuedAt,
      expires_at: entry.expiresAt,
    });
    // `int` in Python, not `float`.
    expect(json).toMatch(/"enqueued_at":\d{13},"expires_at":\d{13}\}$/);
    expect(await state.dequeue("t")).toEqual(entry);
  });
});

describe("an entry that cannot be read", () => {
  const JUNK = [
    "junk",
    "",
    "null",
    "5",
    '"text"',
    "[]",
    "{}",
    '{"message":{},"enqueuedAt":1}',
    '{"message":{},"enqueuedAt":1,"expiresAt":"2"}',
    '{"message":null,"enqueuedAt":1,"expiresAt":2}',
    '{"message":"text","enqueuedAt":1,"expiresAt":2}',
    '{"enqueuedAt":1,"expiresAt":2}',
    '{"message":{},"enqueued_at":null,"expires_at":2}',
    '{"message":{"a":Infinit},"enqueuedAt":1,"expiresAt":2}',
  ];

  it("is put aside, in order, and never stands in the way of one that can", async () => {
    const { state, push, listAt, reports } = await setUp();
    const good = JSON.stringify(entryOf("good"));
    await push(...JUNK, good, ...JUNK);
    expect(textOf(await state.dequeue("t"))).toBe("good");
    expect(await listAt("dead:t")).toEqual(JUNK);
    expect(await state.dequeue("t")).toBeNull();
    expect(await state.queueDepth("t")).toBe(0);
    expect(await listAt("dead:t")).toEqual([...JUNK, ...JUNK]);
    expect(reports).toHaveLength(2 * JUNK.length);
  });

  it("stays in its queue where it cannot be put aside", async () => {
    const { state, raw, prefix, push, listAt } = await setUp();
    await push("junk", JSON.stringify(entryOf("good")));
    await raw.ask("SET", `${prefix}:dead:t`, "no list");
    await expect(state.dequeue("t")).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect(((await listAt("queue:t")) as string[])[0]).toBe("junk");
    await raw.ask("DEL", `${prefix}:dead:t`);
    expect(textOf(await state.dequeue("t"))).toBe("good");
    expect(await listAt("dead:t")).toEqual(["junk"]);
  });

  it("is put aside also where its bytes are no UTF-8, which no client hands over as they are", async () => {
    const { state, raw, prefix, listAt, reports } = await setUp();
    // One that is no JSON, and one with a letter of latin-1.
    const entries = ["{\\255}", '{"message":{"text":"caf\\233"},"enqueuedAt":1,"expiresAt":2}'];
    for (const entry of entries) {
      const push = `return redis.call('RPUSH', KEYS[1], '${entry}')`;
      await raw.ask("EVAL", push, "1", `${prefix}:queue:t`);
    }
    expect(textOf(await state.dequeue("t"))).toBe("caf\ufffd");
    expect(await state.dequeue("t")).toBeNull();
    expect(await listAt("dead:t")).toEqual(["{\ufffd}"]);
    expect(reports).toHaveLength(1);
  });

  it("takes room for no more than a hundred, the newest", async () => {
    const { state, push, listAt } = await setUp();
    await push(...Array.from({ length: 130 }, (_, i) => `junk ${i}`));
    expect(await state.dequeue("t")).toBeNull();
    const dead = (await listAt("dead:t")) as string[];
    expect([dead.length, dead[0], dead.at(-1)]).toEqual([100, "junk 30", "junk 129"]);
  });

  it("is kept where several bots find it at once, and no good one is lost or given twice", async () => {
    const { state, prefix, push, listAt } = await setUp();
    const others = await Promise.all(
      [1, 2, 3].map(() => connectState({ client: connect(inject("redisUrl")), keyPrefix: prefix })),
    );
    const texts = Array.from({ length: 20 }, (_, i) => `m${i}`);
    const entries = texts.map((text, i) => [`junk ${i}`, JSON.stringify(entryOf(text))]);
    await push(...entries.flat());
    const taken: string[] = [];
    const takeAll = async (bot: typeof state): Promise<void> => {
      for (;;) {
        const entry = await bot.dequeue("t");
        if (entry === null) return;
        taken.push(textOf(entry) ?? "");
      }
    };
    await Promise.all([state, ...others].map(takeAll));
    expect(taken.toSorted()).toEqual(texts.toSorted());
    const dead = new Set((await listAt("dead:t")) as string[]);
    // Each may have put the same aside: kept twice is not lost, as long as all have room.
    expect([...dead].filter((entry) => !entry.startsWith("junk"))).toEqual([]);
    expect(dead.size).toBe(20);
  });
});
