import type { UIMessageChunk } from "ai";

/** What neither opens a part nor closes one, and most of what there is: not worth parsing. */
const DELTA = /^\{"type":"(?:text|reasoning|tool-input)-delta"/;

/**
 * What becomes of a tool's call whose input broke off. Models are shown it again, and their providers refuse
 * any input but an object.
 */
export const UNFINISHED_CALL: { input: unknown; errorText: string } = {
  input: {},
  errorText: "the call was not finished",
};

/**
 * The parts of an answer that have begun and not ended. AI SDK's clients show those as still being
 * written for ever, unless something closes them (`abort` does not).
 */
export class OpenParts {
  /** What closes each part. */
  readonly #open: Map<string, UIMessageChunk> = new Map();
  /**
   * Text and reasoning that outlasted its step. AI SDK 6's clients have let go of it, and fail if it is
   * closed; for those of AI SDK 7 it is open, as a delta that comes after all shows.
   */
  readonly #outlasting: Map<string, UIMessageChunk> = new Map();
  #messageId: string | undefined;
  /** Whether tools are called in the last step that clients have taken note of. */
  #callsTools = false;
  /** A step has begun of which they will take note with its first part. */
  #stepBegun = false;

  /** The answer goes on in this message. */
  goesOnIn(messageId: string): void {
    this.#messageId = messageId;
    // It may: where it ends is where the page has answered a call.
    this.#callsTools = true;
  }

  /** Takes note of a chunk, as JSON. */
  see(json: string): void {
    if (this.#outlasting.size > 0 || !DELTA.test(json)) this.note(JSON.parse(json));
  }

  /** Takes note of a chunk. */
  note(chunk: UIMessageChunk): void {
    switch (chunk.type) {
      case "start":
        this.#messageId = chunk.messageId ?? this.#messageId;
        break;
      case "text-start":
        this.#begin();
        this.#open.set(`text ${chunk.id}`, { type: "text-end", id: chunk.id });
        break;
      case "reasoning-start":
        this.#begin();
        this.#open.set(`reasoning ${chunk.id}`, { type: "reasoning-end", id: chunk.id });
        break;
      case "tool-input-start":
        this.#begin({ callsTools: true });
        this.#open.set(`tool ${chunk.toolCallId}`, unfinishedCall(chunk));
        break;
      case "text-delta":
        this.#takeBack(`text ${chunk.id}`);
        break;
      case "reasoning-delta":
        this.#takeBack(`reasoning ${chunk.id}`);
        break;
      case "text-end":
        this.#forget(`text ${chunk.id}`);
        break;
      case "reasoning-end":
        this.#forget(`reasoning ${chunk.id}`);
        break;
      case "tool-input-available":
      case "tool-input-error":
        this.#begin({ callsTools: true });
        this.#forget(`tool ${chunk.toolCallId}`);
        break;
      case "start-step":
        this.#stepBegun = true;
        break;
      case "finish-step":
        for (const [key, closer] of this.#texts()) {
          this.#open.delete(key);
          this.#outlasting.set(key, closer);
        }
        break;
      case "reset-step":
        this.#callsTools &&= this.#stepBegun;
        this.#open.clear();
        this.#outlasting.clear();
        break;
      default:
    }
  }

  /** What closes text and reasoning. None is open any more. */
  closeTexts(): UIMessageChunk[] {
    return this.#texts().map(([key, closer]) => {
      this.#open.delete(key);
      return closer;
    });
  }

  /** What closes all that is open. Nothing is any more. */
  close(): UIMessageChunk[] {
    const chunks = [...this.#open.values()];
    this.#open.clear();
    return chunks;
  }

  /**
   * What closes all that is open, for good: a client that sends the results of tools by itself
   * (`sendAutomaticallyWhen`) would otherwise take calls that were cut off for answered ones.
   */
  closeForGood(): UIMessageChunk[] {
    const chunks = this.close();
    if (!this.#callsTools || this.#messageId === undefined) return chunks;
    // Only calls in the last step count. Clients take note of a new one when something else changes.
    if (!this.#stepBegun) chunks.push({ type: "start-step" });
    return [...chunks, { type: "start", messageId: this.#messageId }];
  }

  #begin({ callsTools = false } = {}): void {
    this.#callsTools = callsTools || (this.#callsTools && !this.#stepBegun);
    this.#stepBegun = false;
  }

  #texts(): [key: string, closer: UIMessageChunk][] {
    return [...this.#open].filter(([, { type }]) => type !== "tool-input-error");
  }

  #forget(key: string): void {
    this.#open.delete(key);
    this.#outlasting.delete(key);
  }

  #takeBack(key: string): void {
    const closer = this.#outlasting.get(key);
    if (closer === undefined) return;
    this.#outlasting.delete(key);
    this.#open.set(key, closer);
  }
}

function unfinishedCall(
  chunk: Extract<UIMessageChunk, { type: "tool-input-start" }>,
): UIMessageChunk {
  const { toolCallId, toolName, dynamic } = chunk;
  return {
    type: "tool-input-error",
    toolCallId,
    toolName,
    ...UNFINISHED_CALL,
    ...(dynamic === undefined ? {} : { dynamic }),
  };
}
