import type { DecodedSseEvent } from "@streambed/core/codec";
import { asSchema, uiMessageChunkSchema } from "ai";
import type { UIMessageChunk } from "ai";
import type { Protocol, Step } from "../reading/protocol.ts";
import { StreamClientError } from "../stream-client-error.ts";

/**
 * What `createChatHandler` sends (PROTOCOL.md): chunks of a UI message, and `[DONE]` after the stored end. A
 * chunk without an id belongs to the next one with an id, or to the end, and comes again if that does not.
 *
 * @param connect asks for what is behind `seq`; undefined for the beginning
 */
export function chatProtocol(
  connect: (seq: number | undefined, signal: AbortSignal) => Promise<Response>,
  after: number | undefined,
): Protocol<UIMessageChunk> {
  let seq = after;
  /** The id that the connection's last event had or inherited. */
  let lastId = "";
  let waiting: UIMessageChunk[] = [];

  return {
    connect(signal) {
      lastId = "";
      waiting = [];
      return connect(seq, signal);
    },

    async take({ data, lastEventId }: DecodedSseEvent): Promise<Step<UIMessageChunk>> {
      if (data === "[DONE]") return toEnd(waiting);
      waiting.push(await parseChunk(data));
      if (lastEventId === lastId) return {};
      lastId = lastEventId;
      const items = waiting;
      waiting = [];
      const next = Number(lastEventId);
      if (!Number.isSafeInteger(next)) throw notOurs(`no seq: ${lastEventId}`);
      if (next <= (seq ?? 0)) return {};
      seq = next;
      return { items };
    },

    cut() {
      const told = waiting.at(-1);
      return told?.type === "error" ? told.errorText : undefined;
    },
  };
}

/** An answer that was stopped or failed says so in its last chunk. */
function toEnd(chunks: readonly UIMessageChunk[]): Step<UIMessageChunk> {
  const last = chunks.at(-1);
  if (last?.type !== "error")
    return { items: chunks, end: last?.type === "abort" ? "stopped" : "done" };
  return { items: chunks.slice(0, -1), end: new StreamClientError("FAILED", last.errorText) };
}

async function parseChunk(json: string): Promise<UIMessageChunk> {
  let cause: unknown;
  try {
    const result = await asSchema(uiMessageChunkSchema).validate!(JSON.parse(json));
    if (result.success) return result.value;
    cause = result.error;
  } catch (error) {
    cause = error;
  }
  throw notOurs(`no chunk of a UI message: ${json.slice(0, 80)}`, cause);
}

/** What came is not what `createChatHandler` sends. */
export function notOurs(message: string, cause?: unknown): StreamClientError {
  return new StreamClientError("PROTOCOL", message, { cause });
}
