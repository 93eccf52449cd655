import { SseDecoder } from "@streambed/core/codec";
import { createParser } from "eventsource-parser";
import type { ParseError } from "eventsource-parser";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileTokens, textsOf } from "./fixtures/hostile-tokens.ts";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import { STREAM_STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

const RUNS = 20;
const USAGE = JSON.stringify({
  inputTokens: 7,
  outputTokens: 5,
  reasoningTokens: 2,
  cachedInputTokens: 3,
  finishReason: "stop",
});

/** What could end an event, begin one, or be changed on the way; surrogates of two emoji among it. */
const PIECES = [
  "\r", "\n", "\r\n", "\n\n", "\r\r", "\0", "\x01", "\ufeff", "\u2028", "\x85", " ", ":",
  "data:", "data: ", "event:", "event: error\n", "event: done\n", "id: 7\n", "id:\0\n", "retry: 1\n",
  "exact: ", '"', "error\x01", "done\x01", "stopped\x01", ": comment",
  "\ud83d\ude00", "\ud83d", "\ude00", "\ud83e", "\udd16", "👩‍👩‍👧", "é", "中", "a",
]; // prettier-ignore

const hostileText = fc
  .oneof(
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }) },
    {
      weight: 1,
      arbitrary: fc.array(fc.string({ unit: "binary", maxLength: 10 }), { maxLength: 1 }),
    },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
        { maxLength: 5 },
      ),
    },
  )
  .map((pieces) => pieces.join(""));
/** Not ending in half an emoji whose other half never comes. */
const tokens = fc
  .array(hostileText, { maxLength: 12 })
  .map((all) => (/[\ud800-\udbff]$/.test(all.join("")) ? [...all, "."] : all));
/** An error without a word in it is another matter: the text is then made up. */
const errorText = hostileText.filter((text) => text.trim() !== "");

interface Answer {
  think: string[];
  say: string[];
  error: string | null;
  /** Where the text on the wire is cut before it is parsed: every so many characters. */
  slice: number;
}
const answers: fc.Arbitrary<Answer> = fc.record({
  think: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, tokens),
  say: tokens,
  error: fc.option(errorText),
  slice: fc.integer({ min: 1, max: 40 }),
});

/** Made all at once, so that streams that get mixed up show too. */
const batches = fc.array(answers, { minLength: 1, maxLength: 16, size: "max" });

describe.each(STREAM_STORES)("hostile text on $name", ({ open }) => {
  let shared: SharedStore;
  let server: TestServer;
  beforeAll(async () => {
    shared = await open();
    server = await startServer(shared.env);
  });
  afterAll(async () => {
    for (const one of [server, shared]) await one?.[Symbol.asyncDispose]();
  });

  it("comes out as it went in, and forges nothing", async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        await Promise.all(all.map((answer) => expectIntact(server, answer)));
      }),
      {
        numRuns: RUNS,
        examples: [[[{ think: [], say: hostileTokens(34), error: "a\r\n\n\0", slice: 1 }]]],
      },
    );
  });
});

async function expectIntact(server: TestServer, { think, say, error, slice }: Answer) {
  const end = error === null ? "finish" : { error };
  const prompt = JSON.stringify({ think, say, end });
  const body = JSON.stringify({ prompt });
  const response = await fetch(`${server.url}/stream`, { method: "POST", body });
  const id = response.headers.get("x-stream-id") ?? "";
  const wire = await wireOf(response);

  const named = (event: string) => (data: string) => ({ event, data });
  const chunks = [...textsOf(think).map(named("reasoning")), ...textsOf(say).map(named(""))];
  if (error === null) chunks.push({ event: "usage", data: USAGE });
  const expected: Seen[] = [
    { id: "", event: "stream-id", data: id },
    ...chunks.map((chunk, i) => ({ id: `${i + 1}`, ...chunk })),
    ...(error === null ? [] : [{ id: "", event: "error", data: error.toWellFormed() }]),
    { id: "", event: "done", data: "" },
  ];
  expect(decodeExactly(wire, slice)).toEqual(expected);
  const withLf = expected.map((event) => ({ ...event, data: event.data.replace(/\r\n?/g, "\n") }));
  expect(parseIndependently(wire, slice)).toEqual(withLf);
  const again = await wireOf(await fetch(`${server.url}/stream/resume?id=${id}`));
  expect(again).toBe(wire);
}

/** As UTF-8, strictly: bytes that are none fail the test. */
async function wireOf(response: Response): Promise<string> {
  expect(response.status).toBe(200);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
    await response.arrayBuffer(),
  );
}

interface Seen {
  /** The id that the event itself carries. */
  id: string;
  event: string;
  data: string;
}

/** By the decoder of Streambed's own clients, which knows CR from LF. */
function decodeExactly(wire: string, slice: number): Seen[] {
  const decoder = new SseDecoder();
  let last = "";
  return slicesOf(wire, slice)
    .flatMap((text) => decoder.decode(text))
    .map(({ lastEventId, event, data }) => {
      const id = lastEventId === last ? "" : lastEventId;
      last = lastEventId;
      return { id, event, data };
    });
}

/** By somebody else's parser, which has never heard of Streambed. */
function parseIndependently(wire: string, slice: number): Seen[] {
  const seen: Seen[] = [];
  const errors: ParseError[] = [];
  const parser = createParser({
    onEvent: ({ id = "", event = "", data }) => seen.push({ id, event, data }),
    onError: (error) => errors.push(error),
    onRetry: (retry) => expect.fail(`retry: ${retry} was forged`),
  });
  for (const text of slicesOf(wire, slice)) parser.feed(text);
  // The one field that a parser does not know, and must ignore.
  expect(errors.filter(({ field }) => field !== "exact")).toEqual([]);
  return seen;
}

function slicesOf(text: string, length: number): string[] {
  const count = Math.ceil(text.length / length);
  return Array.from({ length: count }, (_, i) => text.slice(i * length, (i + 1) * length));
}
