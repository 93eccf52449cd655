import type { UIMessageChunk } from "ai";
import { OpenParts } from "./open-parts.ts";

/** What a generation may yield: text, as strings or as UTF-8, or AI SDK's UI message chunks. */
export type ChatItem = string | Uint8Array | UIMessageChunk;

/**
 * A generation as whole UI message chunks: text is framed as text parts, and the message gets its id.
 *
 * A generation of text has finished when it ends. One of parts has when it says `finish`, or if it neither
 * said `start` nor left anything open.
 *
 * @param goesOn whether the answer goes on in a message that there is
 * @throws what the generation threw, an `Error` if it reports a failure or ends without having finished, a
 *   `TypeError` if it yields anything else
 */
export async function* toUiChunks(
  items: AsyncIterable<ChatItem>,
  messageId: string,
  goesOn = false,
): AsyncGenerator<UIMessageChunk, void, undefined> {
  let hasStep = !goesOn;
  for await (const chunk of frame(items, messageId)) {
    // In the step of a call whose result the page has sent, it would seem unanswered, and be sent for ever.
    if (!hasStep && OPENING.has(chunk.type)) yield { type: "start-step" };
    hasStep ||= chunk.type === "start-step" || OPENING.has(chunk.type);
    yield chunk;
  }
}

const OPENING: ReadonlySet<UIMessageChunk["type"]> = new Set([
  "text-start",
  "reasoning-start",
  "tool-input-start",
  "tool-input-available",
]);

async function* frame(
  items: AsyncIterable<ChatItem>,
  messageId: string,
): AsyncGenerator<UIMessageChunk, void, undefined> {
  const text = new TextParts();
  const open = new OpenParts();
  let id: string | undefined;
  let saysStart = false;
  let hasParts = false;
  let hasFinished = false;
  let inStep = false;

  if (items?.[Symbol.asyncIterator] === undefined) {
    throw new TypeError("`generate` must return an async iterable, like a generator or a stream");
  }
  for await (const item of items) {
    if (typeof item === "string" || item instanceof Uint8Array) {
      const chunks = text.next(item);
      if (chunks.length > 0 && id === undefined)
        yield { type: "start", messageId: (id = messageId) };
      yield* chunks;
      continue;
    }
    if (typeof item?.type !== "string") {
      throw new TypeError("`generate` must yield strings, bytes or UI message chunks");
    }
    const transient = "transient" in item && item.transient === true;
    // Neither of the two has a place in the message: they do not part its text.
    if (!transient && item.type !== "message-metadata") yield* text.end();
    if (item.type === "error") throw new Error(item.errorText);
    if (item.type === "abort") throw new Error(item.reason ?? "the generation was aborted");
    if (item.type === "start") {
      // Streams that were merged may each say it; a message that changed its id would be shown twice.
      id ??= item.messageId ?? messageId;
      saysStart = true;
      yield { ...item, messageId: id };
      continue;
    }
    if (id === undefined && !transient) yield { type: "start", messageId: (id = messageId) };
    if (OPENING.has(item.type)) hasParts = true;
    if (item.type === "start-step") inStep = true;
    if (item.type === "finish-step") inStep = false;
    if (item.type === "finish") hasFinished = true;
    open.note(item);
    yield item;
  }

  const rest = text.rest();
  if (rest.length > 0 && id === undefined) yield { type: "start", messageId: (id = messageId) };
  yield* rest;
  if (hasFinished) return;
  const isText = text.hasBegun && !hasParts;
  if (inStep || open.close().length > 0 || (saysStart && !isText)) {
    throw new Error("the generation ended without a `finish` chunk");
  }
  if (id === undefined) yield { type: "start", messageId };
  yield { type: "finish" };
}

/** Text as the parts of a message, one for each run of it. */
class TextParts {
  readonly #decoder: TextDecoder = new TextDecoder();
  #parts = 0;
  #open: string | undefined;

  get hasBegun(): boolean {
    return this.#parts > 0;
  }

  next(text: string | Uint8Array): UIMessageChunk[] {
    // A character that bytes have left unfinished comes to nothing when a string follows.
    return this.#deltas(
      typeof text === "string"
        ? this.#decoder.decode() + text
        : this.#decoder.decode(text, { stream: true }),
    );
  }

  /** Ends the part that is open. A character that is unfinished may go on in the next one. */
  end(): UIMessageChunk[] {
    if (this.#open === undefined) return [];
    const id = this.#open;
    this.#open = undefined;
    return [{ type: "text-end", id }];
  }

  rest(): UIMessageChunk[] {
    return [...this.#deltas(this.#decoder.decode()), ...this.end()];
  }

  #deltas(delta: string): UIMessageChunk[] {
    if (delta === "") return [];
    if (this.#open !== undefined) return [{ type: "text-delta", id: this.#open, delta }];
    const id = `text-${++this.#parts}`;
    this.#open = id;
    return [
      { type: "text-start", id },
      { type: "text-delta", id, delta },
    ];
  }
}
