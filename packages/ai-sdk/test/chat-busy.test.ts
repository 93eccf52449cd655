import { MemoryActiveStreams } from "@streambed/memory";
import { describe, expect, test, vi } from "vitest";
import type { Generate } from "../src/index.ts";
import { OpenStore, chatServer, sendBody } from "./support/chat-server.ts";
import { withDelays } from "./support/delays.ts";
import { expectSilence } from "./support/silence.ts";
import { waitingModel } from "./support/waiting-model.ts";

expectSilence();

describe("a second message while an answer is under way", () => {
  test("is refused, and the answer goes on", async () => {
    const { model, release } = waitingModel("v4");
    const { post, get, store, active } = chatServer({ model });
    const create = vi.spyOn(store, "create");
    const first = await post("", sendBody("c1"));
    const id = first.headers.get("x-stream-id");
    const text = first.text();
    const second = await post("", sendBody("c1"));
    expect([second.status, await second.json()]).toEqual([
      409,
      { error: "an answer is under way in this chat" },
    ]);
    expect([store.ids, await active.get("c1")]).toEqual([[id], id]);
    expect(create).toHaveBeenCalledTimes(1);
    const resumed = (await get("/c1/stream")).text();
    release();
    expect(await text).toBe(await resumed);
    expect(await text).toContain('"delta":"b"');
    expect((await post("", sendBody("c1"))).status).toBe(200);
  });

  test("takes over, where that is asked for: the first is stopped, its model aborted", async () => {
    const signals: AbortSignal[] = [];
    const generate: Generate = async function* ({ messages, signal }) {
      signals.push(signal);
      const [part] = messages.at(-1)?.parts ?? [];
      yield part?.type === "text" ? part.text : "?";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    const { post, get, store, active } = chatServer({ generate, whenBusy: "take over" });
    const first = await post("", sendBody("c1", "one"));
    const firstId = first.headers.get("x-stream-id") ?? "";
    const text = first.text();
    await expect.poll(() => store.getStatus(firstId)).toMatchObject({ totalChunks: 3 });
    const second = await post("", sendBody("c1", "two"));
    const secondId = second.headers.get("x-stream-id") ?? "";
    expect(await text).toMatch(/"delta":"one"[^]*"text-end"[^]*"abort"[^]*\[DONE\]\n\n$/);
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(await store.getStatus(firstId)).toMatchObject({ state: "stopped" });
    expect(await store.getStatus(secondId)).toMatchObject({ state: "active" });
    expect(await active.get("c1")).toBe(secondId);

    expect((await get("/c1/stream")).headers.get("x-stream-id")).toBe(secondId);
    await expect.poll(() => store.getStatus(secondId)).toMatchObject({ totalChunks: 3 });
    await post("/c1/stop", {});
    expect(await second.text()).toMatch(/"delta":"two"/);
    await expect.poll(() => active.get("c1")).toBe(null);
  });

  test("in another chat is nobody's business", async () => {
    const { model } = waitingModel("v4");
    const { post } = chatServer({ model });
    const all = await Promise.all(["c1", "c2", "c3"].map((chat) => post("", sendBody(chat))));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe("200 rounds of messages that race", () => {
  const ROUNDS = 200;

  /** Two servers over stores that take their time, as two processes are. */
  function processes(options: { whenBusy?: "take over"; generate?: Generate } = {}) {
    const store = withDelays(new OpenStore(), 2);
    const active = withDelays(new MemoryActiveStreams(), 2);
    const count = { asked: 0 };
    const waiting: Generate = async function* ({ signal }) {
      count.asked++;
      yield "a";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    };
    const { generate = waiting, whenBusy } = options;
    const process = () => chatServer({ generate, store, active, whenBusy });
    return { one: process(), two: process(), count };
  }
  const each = (round: (chatId: string) => Promise<void>): Promise<unknown> =>
    Promise.all(Array.from({ length: ROUNDS }, (_, index) => round(`c${index}`)));

  test("one is answered, the other leaves nothing behind", async () => {
    const { one, two, count } = processes();
    const answered: string[] = [];
    await each(async (chatId) => {
      const both = await Promise.all([
        one.post("", sendBody(chatId)),
        two.post("", sendBody(chatId)),
      ]);
      expect(both.map(({ status }) => String(status)).toSorted()).toEqual(["200", "409"]);
      const id = both.find(({ ok }) => ok)?.headers.get("x-stream-id") ?? "";
      expect(await one.active.get(chatId)).toBe(id);
      expect(await one.store.getStatus(id)).toMatchObject({ state: "active" });
      answered.push(id);
    });
    expect(one.store.ids.toSorted()).toEqual(answered.toSorted());
    expect(count.asked).toBe(ROUNDS);
  });

  test("both are answered, and one is under way in the end", async () => {
    const { one, two } = processes({ whenBusy: "take over" });
    await each(async (chatId) => {
      const both = await Promise.all([
        one.post("", sendBody(chatId)),
        two.post("", sendBody(chatId)),
      ]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      const standing = await one.active.get(chatId);
      const states = await Promise.all(
        both.map(async ({ headers }) => {
          const id = headers.get("x-stream-id") ?? "";
          return `${id === standing} ${(await one.store.getStatus(id))?.state}`;
        }),
      );
      expect(states.toSorted()).toEqual(["false stopped", "true active"]);
    });
  });

  test("an answer that ends never takes away the pointer to the next", async () => {
    const quick: Generate = async function* ({ messages }) {
      const [part] = messages.at(-1)?.parts ?? [];
      if (part?.type === "text" && part.text === "wait") await new Promise(() => {});
      yield "a";
    };
    const { one, two } = processes({ generate: quick });
    await each(async (chatId) => {
      await one.post("", sendBody(chatId, "go on"));
      let next = await two.post("", sendBody(chatId, "wait"));
      while (next.status === 409) next = await two.post("", sendBody(chatId, "wait"));
      // The first answer's own tidying up may still be on its way.
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await one.active.get(chatId)).toBe(next.headers.get("x-stream-id"));
    });
  });
});
