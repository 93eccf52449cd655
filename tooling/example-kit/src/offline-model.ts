import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { ALICE } from "./alice.ts";
import { toStream } from "./to-stream.ts";

const TOKENS = { least: 100, most: 250, perSecond: 30 };

/** A piece of a word, or punctuation, each with the white space before it: joined they are the text. */
const TOKEN = /\s*(?:[\p{L}\p{N}]{1,6}|[^\s\p{L}\p{N}]+)/gu;

const SENTENCES = Array.from(
  new Intl.Segmenter("en", { granularity: "sentence" }).segment(`${ALICE}\n\n`),
  ({ segment }) => segment,
);

/**
 * A language model that needs no network: it reads aloud from "Alice's Adventures in Wonderland",
 * from a sentence that depends on the prompt, at the pace of a hosted model.
 */
export function createOfflineModel(): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "offline",
    modelId: "alice",
    supportedUrls: {},

    async doStream(options) {
      return { stream: toStream(parts(options)) };
    },

    async doGenerate(options) {
      const { text, ...end } = answerTo(options);
      for await (const _ of paced(text, options.abortSignal));
      return { content: [{ type: "text", text: text.join("") }], ...end, warnings: [] };
    },
  };
}

async function* parts(
  options: LanguageModelV4CallOptions,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const { text, ...end } = answerTo(options);
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "text" };
  for await (const delta of paced(text, options.abortSignal)) {
    yield { type: "text-delta", id: "text", delta };
  }
  yield { type: "text-end", id: "text" };
  yield { type: "finish", ...end };
}

/** Each token when its time has come. Throws an `AbortError` at once, also in the wait. */
async function* paced(tokens: string[], signal?: AbortSignal): AsyncGenerator<string> {
  const start = performance.now();
  for (const [index, token] of tokens.entries()) {
    const due = start + ((index + 1) * 1000) / TOKENS.perSecond;
    await sleep(Math.max(0, due - performance.now()), undefined, { signal });
    yield token;
  }
}

interface Answer {
  text: string[];
  finishReason: LanguageModelV4FinishReason;
  usage: LanguageModelV4Usage;
}

/** Whole sentences, the same for the same prompt always. */
function answerTo({ prompt, maxOutputTokens = Infinity }: LanguageModelV4CallOptions): Answer {
  const asked = lastQuestion(prompt);
  const hash = createHash("sha256").update(asked).digest();
  const most = 150 + (hash.readUInt32BE(4) % (TOKENS.most - 150));
  let said: string[] = [];
  let longer = "";
  for (let at = hash.readUInt32BE(0); ; at++) {
    longer = (longer + SENTENCES[at % SENTENCES.length]).trimStart();
    const tokens = tokensOf(longer);
    if (said.length >= TOKENS.least && tokens.length > most) break;
    said = tokens;
  }
  const text = said.slice(0, maxOutputTokens);
  const cut = text.length < said.length;
  const input = tokensOf(asked).length;
  return {
    text,
    finishReason: { unified: cut ? "length" : "stop", raw: cut ? "length" : "stop" },
    usage: {
      inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: text.length, text: text.length, reasoning: 0 },
    },
  };
}

function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** What the user asked last. */
function lastQuestion(prompt: LanguageModelV4Prompt): string {
  const message = prompt.findLast(({ role }) => role === "user");
  if (message?.role !== "user") return "";
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}
