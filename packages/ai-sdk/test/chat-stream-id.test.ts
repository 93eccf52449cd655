import { MemoryActiveStreams } from "@streambed/memory";
import { describe, expect, test, vi } from "vitest";
import {
  behind,
  ended,
  named,
  NOT_FOUND,
  refusal,
  says,
  served,
  UUID,
} from "./support/chat-over-http.ts";
import { OpenStore, sendBody } from "./support/chat-server.ts";
import { BEGINNING, recordedAnswer } from "./support/recorded-answer.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

test("a stream's id is its chat's and a UUID, and said on every response", async () => {
  const { id, store, read } = await ended();
  expect(id).toMatch(/^c1:[0-9a-f-]{36}$/);
  expect(store.ids).toEqual([id]);
  for (const cursor of [undefined, 0, 1]) {
    const response = await read(named(id), cursor);
    expect(response.headers.get("x-stream-id")).toBe(id);
    await response.text();
  }
});

describe("the longest id of a chat", () => {
  test("has 219 characters, and is served like any other", async () => {
    const chatId = `:${"c".repeat(218)}`;
    const { generate, release } = recordedAnswer("done");
    const { send, read, total, idle, api } = await served({ generate });
    const { id, text } = await send(chatId);
    expect(id).toHaveLength(256);
    await expect.poll(() => total(id)).toBe(BEGINNING.length);
    const resumed = await read("", undefined, chatId);
    const stop = `${api}/${encodeURIComponent(chatId)}/stop`;
    const stopped = await fetch(stop, { method: "POST", body: '{"streamId":"another"}' });
    expect([resumed.status, stopped.status]).toEqual([200, 200]);
    release();
    expect(await resumed.text()).toBe(await text);
    await idle(chatId);
    expect(await (await read(named(id), 3, chatId)).text()).toBe(behind(await text, id, 3));
  });

  test("is refused with one more, before anything is done", async () => {
    const chatId = "c".repeat(220);
    let asked = 0;
    const store = new OpenStore();
    const active = new MemoryActiveStreams();
    const { api, read } = await served({
      store,
      active,
      generate: says("a"),
      authorize: () => ++asked > 0,
    });
    await active.set(chatId, "other");
    const responses = [
      await fetch(api, { method: "POST", body: JSON.stringify(sendBody(chatId)) }),
      await read("", undefined, chatId),
      await read(named(`${chatId}:${UUID}`), 0, chatId),
      await fetch(`${api}/${chatId}/stop`, { method: "POST" }),
    ];
    for (const response of responses) {
      expect(await refusal(response)).toMatchObject([400, { code: "INVALID_ID" }]);
    }
    expect([asked, store.ids, await active.get(chatId)]).toEqual([0, [], "other"]);
  });
});

describe("a stream of another chat", () => {
  test.each([
    ["a", "b"],
    ["a:b", "a"],
    [`a:${UUID}`, "a"],
    ["b:a", "a"],
    ["aa", "a"],
  ])("of %s is none of %s's, and not looked for", async (owner, stranger) => {
    const { send, read, store, active } = await served({ generate: says("secret") });
    const { id, text } = await send(owner);
    expect(await text).toContain("secret");
    const looks = [vi.spyOn(store, "getStatus"), vi.spyOn(store, "readFrom")];
    looks.push(vi.spyOn(active, "get") as never);
    for (const cursor of [undefined, 0, 1, 99]) {
      const there = await read(named(id), cursor, stranger);
      const nowhere = await read(named(`${owner}:${UUID}`), cursor, stranger);
      expect(there.headers.get("x-stream-id")).toBe(null);
      const [answer, other] = [await refusal(there), await refusal(nowhere)];
      expect([answer, other]).toEqual([NOT_FOUND, NOT_FOUND]);
    }
    expect(looks.map((look) => look.mock.calls)).toEqual([[], [], []]);
    expect((await read(named(id), 0, owner)).status).toBe(200);
  });

  test("that is under way is none either, and goes on", async () => {
    const { generate } = recordedAnswer("stopped");
    const { send, read, store } = await served({ generate });
    const { id } = await send("c2");
    await send("c1");
    for (const cursor of [undefined, 0]) {
      expect(await refusal(await read(named(id), cursor))).toEqual(NOT_FOUND);
    }
    expect(await store.getStatus(id)).toMatchObject({ state: "active" });
  });
});

describe("a name that is no stream's", () => {
  test.each([
    "",
    "c1",
    "c1:",
    UUID,
    `c1:${UUID}${"0".repeat(10_000)}`,
    `${"c".repeat(5_000)}:${UUID}`,
    `c1:${UUID}\0`,
    `\0c1:${UUID}`,
    `c1:${UUID}\n`,
    `c1:${UUID.toUpperCase()}`,
    `c1:../${UUID}`,
    `../c1:${UUID}`,
    `c1:${UUID}/stream`,
    `c1:${UUID.replace("0", "０")}`,
    `ç1:${UUID}`,
    "c1:\ud83d\ude00",
    "__proto__",
    "c1:__proto__",
    "constructor",
    "c1:*",
    "%",
  ])("%j is 404, and `authorize` is not shown it", async (name) => {
    const seen: unknown[] = [];
    const { read, store } = await served({
      generate: says("a"),
      authorize: (_, action) => seen.push(action) > 0,
    });
    const getStatus = vi.spyOn(store, "getStatus");
    for (const cursor of [undefined, 0]) {
      expect(await refusal(await read(named(name), cursor))).toEqual(NOT_FOUND);
    }
    const action = { type: "resume", chatId: "c1", streamId: undefined };
    expect(seen).toEqual([action, action]);
    expect(getStatus).not.toHaveBeenCalled();
  });

  test("and bytes that are no text", async () => {
    const { read } = await served({ generate: says("a") });
    expect(await refusal(await read(`?streamId=c1:%ff${UUID}`, 0))).toEqual(NOT_FOUND);
  });
});

describe("`authorize`", () => {
  test("sees which stream of the chat is named", async () => {
    const seen: unknown[] = [];
    const { id, read } = await ended({
      generate: says("a"),
      authorize: (_, action) => seen.push(action) > 0,
    });
    await (await read(named(id), 0)).text();
    await read("");
    expect(seen.slice(1)).toEqual([
      { type: "resume", chatId: "c1", streamId: id },
      { type: "resume", chatId: "c1", streamId: undefined },
    ]);
  });

  test("refuses before anything else is said", async () => {
    const { store, active } = await ended();
    const id = store.ids[0] ?? "";
    const { read } = await served({ store, active, generate: says(), authorize: () => false });
    for (const query of [named(id), named(`c1:${UUID}`), named(`c2:${UUID}`), "?streamId="]) {
      for (const cursor of [undefined, 0, 99, "junk"]) {
        const response = await read(query, cursor);
        expect(await refusal(response)).toEqual([403, { error: "forbidden" }]);
      }
    }
  });
});
