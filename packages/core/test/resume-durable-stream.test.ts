import { describe, expect, test } from "vitest";
import { createDurableStream, cursorOf, resumeDurableStream } from "../src/index.ts";
import type { ResumeDurableStreamOptions } from "../src/index.ts";
import { SseDecoder } from "../src/codec/index.ts";
import { FaultyStore } from "./support/faulty-store.ts";
import { Script } from "./support/sources.ts";
import { noUnhandledRejections } from "./support/unhandled.ts";

noUnhandledRejections();

const decode = (text: string) => new SseDecoder().decode(text);

async function filled(): Promise<FaultyStore> {
  const store = new FaultyStore();
  await store.create("s");
  await store.append("s", ["\x01a", "usage\x01{}", "\x01c"], { end: "done" });
  return store;
}

async function answer(options: Partial<ResumeDurableStreamOptions>) {
  const response = await resumeDurableStream({ store: await filled(), id: "s", ...options });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

describe("answers with the rest", () => {
  test.each<[ResumeDurableStreamOptions["after"], string[]]>([
    [undefined, ["s", "a", "{}", "c", ""]],
    [0, ["s", "a", "{}", "c", ""]],
    ["0", ["s", "a", "{}", "c", ""]],
    [1, ["s", "{}", "c", ""]],
    ["2", ["s", "c", ""]],
    ["3", ["s", ""]],
  ])("after %j", async (after, datas) => {
    const { status, body, headers } = await answer({ after });
    expect(status).toBe(200);
    expect(headers.get("x-stream-id")).toBe("s");
    expect(decode(body).map(({ data }) => data)).toEqual(datas);
  });

  test("however often it is cut, each chunk comes once", async () => {
    const store = new FaultyStore();
    const script = new Script();
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`);
    const { id } = await createDurableStream({ store, source: script.source });
    const seen: string[] = [];
    let lastEventId = "";
    for (let cut = 0; seen.length < texts.length; cut++) {
      script.say(...texts.slice(cut * 5, cut * 5 + 5));
      const headers: Record<string, string> = lastEventId ? { "last-event-id": lastEventId } : {};
      const after = cursorOf(new Request("https://x/?after=0", { headers }));
      const response = await resumeDurableStream({ store, id, after });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const decoder = new SseDecoder();
      for (let i = 0; i < 1 + 5; i++) {
        for (const event of decoder.decode((await reader.read()).value ?? "")) {
          if (event.event !== "") continue;
          seen.push(event.data);
          ({ lastEventId } = event);
        }
      }
      await reader.cancel();
    }
    expect(seen).toEqual(texts);
    script.end();
  });

  test("of a stopped stream and of a failed one: 200, and how it ended", async () => {
    const store = new FaultyStore();
    await store.create("stopped");
    await store.stop("stopped");
    await store.create("failed");
    await store.fail("failed", "why");
    for (const [id, end] of [
      ["stopped", { event: "stopped", data: "" }],
      ["failed", { event: "error", data: "why" }],
    ] as const) {
      const { status, body } = await answer({ store, id });
      expect(status).toBe(200);
      expect(decode(body).slice(1)).toMatchObject([end, { event: "done" }]);
    }
  });
});

describe("refuses", () => {
  test.each<[string, number, string, Partial<ResumeDurableStreamOptions>]>([
    ["a cursor that is no number", 400, "INVALID_CURSOR", { after: "junk" }],
    ["a cursor with junk behind it", 400, "INVALID_CURSOR", { after: "2junk" }],
    ["no cursor at all", 400, "INVALID_CURSOR", { after: "" }],
    ["a negative one", 400, "INVALID_CURSOR", { after: "-2" }],
    ["a negative number", 400, "INVALID_CURSOR", { after: -2 }],
    ["half a chunk", 400, "INVALID_CURSOR", { after: 1.5 }],
    ["NaN", 400, "INVALID_CURSOR", { after: NaN }],
    ["what is neither number nor text", 400, "INVALID_CURSOR", { after: null as never }],
    ["a cursor past the end", 400, "INVALID_CURSOR", { after: 4 }],
    ["a cursor past the end, as text", 400, "INVALID_CURSOR", { after: "4" }],
    ["a bad id", 400, "INVALID_ID", { id: "a\r\nb" }],
    ["an id of another type", 400, "INVALID_ID", { id: ["s"] as never }],
    ["an unknown stream", 404, "NOT_FOUND", { id: "unknown" }],
    ["an unknown stream, past its end", 404, "NOT_FOUND", { id: "unknown", after: 9 }],
  ])("%s: %i %s", async (_, status, code, options) => {
    const { body, ...response } = await answer(options);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(body)).toEqual({ error: expect.any(String), code });
  });

  test("a store that is away: 503", async () => {
    const store = await filled();
    store.onRead = () => "down";
    const { status, body } = await answer({ store });
    expect([status, JSON.parse(body)]).toEqual([
      503,
      expect.objectContaining({ code: "UNAVAILABLE" }),
    ]);
  });

  test("a stream that is forgotten: 404 afterwards", async () => {
    const store = await filled();
    await store.delete("s");
    expect((await answer({ store })).status).toBe(404);
  });

  test.each([0, -1, NaN, Infinity, "15" as never])(
    "loudly, heartbeatMs of %s",
    async (heartbeatMs) => {
      const store = await filled();
      const resuming = resumeDurableStream({ store, id: "s", heartbeatMs });
      await expect(resuming).rejects.toMatchObject({ code: "INVALID_OPTION" });
    },
  );

  test("to hide a bug", async () => {
    const store = await filled();
    const bug = new TypeError("a bug");
    store.onRead = () => bug;
    await expect(resumeDurableStream({ store, id: "s" })).rejects.toBe(bug);
  });
});

test("chunks that are lost are told, and the stream is not done", async () => {
  const store = await filled();
  store.loseChunk("s");
  const { status, body } = await answer({ store });
  expect(status).toBe(200);
  const events = decode(body);
  expect(events.at(-1)).toMatchObject({ event: "error", data: expect.stringMatching(/^LOST: /) });
});
