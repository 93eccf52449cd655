import type { SseEncoding, StreamChunk, StreamStatus } from "@streambed/core";
import { fromChunk } from "@streambed/core";
import { encodeSse, encodeSseComment } from "@streambed/core/codec";
import type { UIMessageChunk } from "ai";
import { OpenParts } from "./open-parts.ts";
import type { Place } from "./chat-conversation.ts";
import { replayMessage } from "./replay-message.ts";
import { PLACE } from "./settler.ts";

export interface ChatEncodingOptions {
  /**
   * The seq of the last chunk that this reader has. The stream is read from its beginning all the same: which
   * parts are open must be known. @default 0
   */
  after?: number | undefined;
  /**
   * Whether the message with which the answer goes on, if it goes on with one, is sent first. Who asked for the
   * answer has it, and so has who read part of it: to them it would be said twice.
   */
  replaysBase: boolean;
  /** Called when the reader is told that the answer has failed, or that its producer was lost. */
  onFailed?: (() => void) | undefined;
}

/**
 * A stream as AI SDK's chat clients read one: chunks of a UI message, each with its seq as `id`, which they
 * ignore, and `[DONE]`. How the stream ended is told in chunks of its own: to those clients a connection
 * that merely closes is a clean end.
 *
 * What has no seq goes out in one piece with the next chunk that has one, or with `[DONE]`: whoever is cut off
 * in between has either all of it or, as far as cursors go, nothing.
 */
export class ChatEncoding implements SseEncoding {
  readonly headers = {
    "content-type": "text/event-stream",
    "x-vercel-ai-ui-message-stream": "v1",
  };
  readonly #after: number;
  readonly #replaysBase: boolean;
  readonly #onFailed: (() => void) | undefined;
  readonly #open: OpenParts = new OpenParts();
  #place = "";

  constructor({ after = 0, replaysBase, onFailed }: ChatEncodingOptions) {
    this.#after = after;
    this.#replaysBase = replaysBase;
    this.#onFailed = onFailed;
  }

  begin(id: string): string {
    return encodeSseComment(`stream ${id}`);
  }

  chunk({ seq, data: stored }: StreamChunk): string {
    const { event, data } = fromChunk(stored);
    if (event === PLACE) this.#place += data;
    if (event !== "") return "";
    const base = this.#base();
    this.#open.see(data);
    return seq > this.#after ? base + encodeSse({ id: String(seq), data }) : "";
  }

  end({ state, error = "" }: StreamStatus): string {
    const base = this.#base();
    if (state === "done") return base + DONE;
    if (state === "error") this.#onFailed?.();
    const chunks: UIMessageChunk[] =
      state === "stopped"
        ? [...this.#open.closeForGood(), { type: "abort" }]
        : [...this.#open.close(), { type: "error", errorText: error }];
    return base + chunks.map(encode).join("") + DONE;
  }

  failure(): string {
    // Without [DONE]: the answer may go on, and can be asked for again.
    return encode({ type: "error", errorText: "the answer cannot be read at the moment" });
  }

  /** Once, what there was of the message before: a client without a cursor begins it anew. */
  #base(): string {
    if (this.#place === "") return "";
    const base = parseBase(this.#place);
    this.#place = "";
    if (base === undefined) return "";
    this.#open.goesOnIn(base.id);
    return this.#replaysBase ? replayMessage(base).map(encode).join("") : "";
  }
}

/** The message in a place. One that was cut off, when the stream ended before it had begun, has none. */
function parseBase(place: string): Place["base"] {
  try {
    return (JSON.parse(place) as Place).base;
  } catch {
    return undefined;
  }
}

const DONE = encodeSse({ data: "[DONE]" });

function encode(chunk: UIMessageChunk): string {
  return encodeSse({ data: JSON.stringify(chunk) });
}
