import type { SseEncoding, StreamChunk, StreamStatus } from "@streambed/core";
import { fromChunk } from "@streambed/core";
import { encodeSse, encodeSseComment } from "@streambed/core/codec";
import type { UIMessageChunk } from "ai";
import { OpenParts } from "./open-parts.ts";
import type { Place } from "./chat-conversation.ts";
import { replayMessage } from "./replay-message.ts";
import { PLACE } from "./settler.ts";

/**
 * A stream as AI SDK's chat clients read one: chunks of a UI message, each with its seq as `id`, which they
 * ignore, and `[DONE]`. How the stream ended is told in chunks of its own: to those clients a connection
 * that merely closes is a clean end.
 */
export class ChatEncoding implements SseEncoding {
  readonly headers = {
    "content-type": "text/event-stream",
    "x-vercel-ai-ui-message-stream": "v1",
  };
  readonly #after: number;
  readonly #replaysBase: boolean;
  readonly #open: OpenParts = new OpenParts();
  #place = "";

  /**
   * @param after the seq of the last chunk that this reader has; `undefined` for the one that asked, which
   *   also has the message with which the answer goes on, if it goes on with one. The stream is read from its
   *   beginning all the same: which parts are open must be known
   */
  constructor(after?: number) {
    this.#after = after ?? 0;
    this.#replaysBase = after === 0;
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

  /** Once, what there was of the message before: a client that resumes begins it anew. */
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
