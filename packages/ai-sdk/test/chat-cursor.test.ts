import { MemoryConversationStore } from "@streambed/memory";
import type { UIMessage } from "ai";
import { describe, expect, test, vi } from "vitest";
import type { ChatMessage, Generate } from "../src/index.ts";
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
import type { Ending } from "./support/recorded-answer.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

describe.each<[Ending, RegExp]>([
  ["done", /"type":"finish",[^]*\[DONE\]\n\n$/],
  ["stopped", /"text-end"[^]*"tool-input-error"[^]*"abort"[^]*\[DONE\]\n\n$/],
  ["error", /"text-end"[^]*"tool-input-error"[^]*"errorText":"boom"[^]*\[DONE\]\n\n$/],
])("an answer that is %s", (ending, end) => {
  test("gives exactly the rest behind every cursor, under way and after its end", async () => {
    const { generate, release } = recordedAnswer(ending);
    const { send, read, total, idle, stop } = await served({ generate });
    const { id, text } = await send();
    await expect.poll(() => total(id)).toBe(BEGINNING.length);
    const cursors = [...BEGINNING.keys(), BEGINNING.length];
    expect(cursors.length).toBeGreaterThan(30);
    const underWay = await Promise.all(cursors.map((seq) => read(named(id), seq)));
    if (ending === "stopped") await stop();
    else release();

    const whole = await text;
    expect(whole).toMatch(end);
    const rests = await Promise.all(underWay.map((response) => response.text()));
    expect(rests).toEqual(cursors.map((seq) => behind(whole, id, seq)));

    await idle();
    const last = (await total(id)) ?? 0;
    expect(last).toBe(ending === "done" ? BEGINNING.length + 5 : BEGINNING.length);
    for (let seq = 0; seq <= last; seq++) {
      const late = await read(named(id), seq);
      expect([late.status, late.headers.get("x-stream-id")]).toEqual([200, id]);
      expect(await late.text()).toBe(behind(whole, id, seq));
      const byQuery = await read(`${named(id)}&after=${seq}`);
      expect(await byQuery.text()).toBe(behind(whole, id, seq));
    }
    // To a page that was reloaded, too.
    const anew = await read(named(id));
    expect([anew.status, await anew.text()]).toEqual([200, whole]);
  });
});

describe("a cursor", () => {
  test("past the last chunk is refused, whether or not more may come", async () => {
    const { generate, release } = recordedAnswer("done");
    const { send, read, total, idle } = await served({ generate });
    const { id, text } = await send();
    await expect.poll(() => total(id)).toBe(BEGINNING.length);
    const refused = [400, { error: expect.any(String), code: "INVALID_CURSOR" }];
    expect(await refusal(await read(named(id), BEGINNING.length + 1))).toEqual(refused);
    release();
    await text;
    await idle();
    const last = (await total(id)) ?? 0;
    expect((await read(named(id), last)).status).toBe(200);
    expect(await refusal(await read(named(id), last + 1))).toEqual(refused);
  });

  test.each(["-1", "1.5", "01", "x", ""])("that is none (%j) is refused", async (cursor) => {
    const { id, read } = await ended();
    for (const query of [named(id), "?streamId=another", named(`c1:${UUID}`)]) {
      const response = await read(`${query}&after=${cursor}`);
      expect(await refusal(response)).toMatchObject([400, { code: "INVALID_CURSOR" }]);
    }
  });

  test("in the header comes before one in the query", async () => {
    const { id, whole, read } = await ended();
    const response = await read(`${named(id)}&after=4`, 2);
    expect(await response.text()).toBe(behind(whole, id, 2));
  });

  test("is of the stream that is named, whatever is under way", async () => {
    const { generate } = recordedAnswer("stopped");
    let answers = 0;
    const { send, read, total, idle, active } = await served({
      generate: (turn) => (++answers === 1 ? says("a", "b")(turn) : generate(turn)),
    });
    const first = await send();
    const whole = await first.text;
    await idle();
    const second = await send();
    await expect.poll(() => total(second.id)).toBe(BEGINNING.length);
    const rest = await read(named(first.id), 2);
    expect(rest.headers.get("x-stream-id")).toBe(first.id);
    expect(await rest.text()).toBe(behind(whole, first.id, 2));
    expect(await active.get("c1")).toBe(second.id);

    // A page that does not say how far it has read wants what is under way.
    const anew = await read(named(first.id));
    expect(anew.headers.get("x-stream-id")).toBe(second.id);
    await anew.body?.cancel();
    // So does one that does not say of what.
    const unnamed = await read("", 5);
    expect(unnamed.headers.get("x-stream-id")).toBe(second.id);
    await unnamed.body?.cancel();
  });

  test("without a name says nothing of what has ended", async () => {
    const { read } = await ended();
    expect((await read("")).status).toBe(204);
    expect((await read("", 0)).status).toBe(204);
    expect((await read("?after=1")).status).toBe(204);
  });
});

describe("a stream that is gone", () => {
  test("is 404 to a cursor, and 204 to a page that begins anew", async () => {
    const { id, store, read } = await ended();
    for (const gone of [id, `c1:${UUID}`]) {
      await store.delete(gone);
      expect(await refusal(await read(named(gone), 0))).toEqual(NOT_FOUND);
      expect(await refusal(await read(named(gone), 99))).toEqual(NOT_FOUND);
      expect((await read(named(gone))).status).toBe(204);
    }
  });

  test("between two looks at it is, too", async () => {
    const store = new (class extends OpenStore {
      vanishing = false;
      override async getStatus(id: string) {
        const status = await super.getStatus(id);
        if (this.vanishing) await this.delete(id);
        return status;
      }
    })();
    const { id, read } = await ended({ store, generate: says("a") });
    store.vanishing = true;
    expect(await refusal(await read(named(id), 0))).toEqual(NOT_FOUND);
    expect((await read(named(id))).status).toBe(204);
  });

  test("takes its pointer with it", async () => {
    const { read, active } = await served({ generate: says("a") });
    await active.set("c1", `c1:${UUID}`);
    expect((await read(named(`c1:${UUID}`), 0)).status).toBe(404);
    expect(await active.get("c1")).toBe(null);
  });
});

describe("a stream whose producer has died", () => {
  test.each<[string, number | undefined]>([
    ["a cursor", 3],
    ["no cursor", undefined],
  ])("is the error that it is, and kept: with %s", async (_, cursor) => {
    const conversation = { store: new MemoryConversationStore<ChatMessage>() };
    const { store, active, read } = await served({ generate: says(), conversation });
    const questionId = await conversation.store.update("c1", (history) =>
      history.append({ role: "user", content: "q", id: "q", parts: [{ type: "text", text: "q" }] }),
    );
    const id = `c1:${UUID}`;
    const chunks = [
      { type: "start", messageId: "m" },
      { type: "text-start", id: "t" },
      { type: "text-delta", id: "t", delta: "half an ans" },
    ].map((chunk) => `\x01${JSON.stringify(chunk)}`);
    await store.create(id, { writer: "w", leaseMs: 30 });
    const place = `place\x01${JSON.stringify({ questionId })}`;
    await store.append(id, [place, ...chunks], { writer: "w" });
    await active.set("c1", id);
    await new Promise((resolve) => setTimeout(resolve, 60));

    const text = await (await read(named(id), cursor)).text();
    const half = 'id: 4\ndata: {"type":"text-delta","id":"t","delta":"half an ans"}\n\n';
    const end =
      'data: {"type":"text-end","id":"t"}\n\ndata: {"type":"error","errorText":"producer lost"}\n\ndata: [DONE]\n\n';
    expect(text.endsWith(`${half}${end}`)).toBe(true);
    expect(text.includes("id: 2\n")).toBe(cursor === undefined);
    const { messages } = await conversation.store.load("c1");
    expect(messages.map(({ content }) => content)).toEqual(["q", "half an ans"]);
    expect(await active.get("c1")).toBe(null);
  });
});

test("what was kept already is not kept again by who reads it late", async () => {
  const conversation = { store: new MemoryConversationStore<ChatMessage>() };
  const { id, whole, read } = await ended({ generate: says("a"), conversation });
  const update = vi.spyOn(conversation.store, "update");
  expect(await (await read(named(id), 1)).text()).toBe(behind(whole, id, 1));
  expect((await read(named(id))).status).toBe(200);
  expect(update).not.toHaveBeenCalled();
});

describe("an answer that goes on with a message", () => {
  const MESSAGES: UIMessage[] = [
    { id: "q", role: "user", parts: [{ type: "text", text: "hi" }] },
    {
      id: "m",
      role: "assistant",
      parts: [
        { type: "text", text: "let me see", state: "done" },
        {
          type: "tool-locate",
          toolCallId: "t",
          state: "output-available",
          input: { name: "Ada" },
          output: "London",
        },
      ],
    },
  ];
  const body = { ...sendBody("c1"), messages: MESSAGES };

  test("is told with that message to who has no cursor, and without to who has one", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const generate: Generate = async function* () {
      await released;
      yield "in London";
    };
    const { send, read, total, idle } = await served({ generate });
    const { id, text } = await send("c1", body);
    await expect.poll(() => total(id)).toBe(1);
    const ask = () =>
      Promise.all([
        read(named(id)),
        read(""),
        read(named(id), 0),
        read(`${named(id)}&after=0`),
        read(named(id), 1),
      ]);
    const early = await ask();
    const unnamed = await read("", 0);
    release();
    const whole = await text;
    expect(whole).toContain("in London");
    expect(whole).not.toContain("let me see");
    const [anew, byPointer, ...rests] = await textsOf(early);
    expect(anew).toContain("let me see");
    expect(byPointer).toBe(anew);
    expect([...rests, await unnamed.text()]).toEqual(Array(4).fill(whole));

    await idle();
    const late = await ask();
    expect(late.map(({ status }) => status)).toEqual([200, 204, 200, 200, 200]);
    const [lateAnew, , ...lateRests] = await textsOf(late);
    expect(lateAnew).toBe(anew);
    expect(lateRests).toEqual(Array(3).fill(whole));
  });

  test.each<[string, Generate, RegExp]>([
    [
      "stopped",
      ({ signal }) => untilStopped(signal),
      /^: stream .*\n\n(data: .*\n\n)*data: .*abort/,
    ],
    ["failed", () => failing(), /^: stream .*\n\ndata: .*boom/],
  ])("and was %s before it did: cursor 0 is told that alone", async (_, generate, end) => {
    const { send, read, total, idle, stop } = await served({ generate });
    const { id, text } = await send("c1", body);
    await expect.poll(() => total(id)).toBe(1);
    await stop();
    const whole = await text;
    await idle();
    expect(whole).toMatch(end);
    expect(await (await read(named(id), 0)).text()).toBe(whole);
    expect(await (await read(named(id))).text()).toContain("let me see");
  });

  test("is sent in whole pieces: what has no seq goes with what has, or with `[DONE]`", async () => {
    const { generate } = recordedAnswer("stopped");
    const { post, get, total, stop } = await served({ generate });
    const sent = await post("", body);
    const id = sent.headers.get("x-stream-id") ?? "";
    await expect.poll(() => total(id)).toBe(1 + BEGINNING.length);
    const resumed = await get("/c1/stream");
    await stop();
    for (const response of [sent, resumed]) {
      const writes: string[] = [];
      for await (const bytes of response.body!) writes.push(new TextDecoder().decode(bytes));
      expect(writes.shift()).toBe(`: stream ${id}\n\n`);
      expect(writes.pop()).toMatch(/^data: [^]*"abort"[^]*data: \[DONE\]\n\n$/);
      for (const write of writes) expect(write).toMatch(/id: \d+\ndata: .*\n\n$/);
      expect(writes).toHaveLength(BEGINNING.length);
    }
  });

  const textsOf = (responses: Response[]) => Promise.all(responses.map((it) => it.text()));
  async function* untilStopped(signal: AbortSignal): AsyncGenerator<string> {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    yield* [];
  }
  async function* failing(): AsyncGenerator<string> {
    yield* [];
    throw new Error("boom");
  }
});
