import { isToolUIPart, readUIMessageStream } from "ai";
import type { UIMessage, UIMessageChunk } from "ai";
import { UNFINISHED_CALL } from "./open-parts.ts";

type MessagePart = UIMessage["parts"][number];

/**
 * The message that stored chunks amount to, `undefined` if there is nothing in it. What was open when the
 * stream ended is closed. `base` is the message that they go on with, if they do.
 *
 * Never rejects: chunks that make no sense, as from a faulty `generate`, end the message where they come.
 */
export async function toMessage(
  stored: readonly string[],
  base?: UIMessage,
): Promise<UIMessage | undefined> {
  const chunks = mergeDeltas(parseAll(stored));
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let message: UIMessage | undefined;
  const states = readUIMessageStream({
    stream,
    // A copy: it is worked on in place.
    ...(base === undefined ? {} : { message: structuredClone(base) }),
    terminateOnError: true,
  });
  try {
    for await (const state of states) message = state;
  } catch {
    // What there was before it stands.
  }
  if (message === undefined || !message.parts.some(hasContent)) return undefined;
  return { ...message, parts: message.parts.map(closed) };
}

function parseAll(stored: readonly string[]): UIMessageChunk[] {
  const chunks: UIMessageChunk[] = [];
  for (const json of stored) {
    try {
      chunks.push(JSON.parse(json) as UIMessageChunk);
    } catch {
      break;
    }
  }
  return chunks;
}

/** Fewer chunks, the same message: AI SDK copies the message that it builds after each. */
function mergeDeltas(chunks: readonly UIMessageChunk[]): UIMessageChunk[] {
  const merged: UIMessageChunk[] = [];
  for (const chunk of chunks) {
    const last = merged.at(-1);
    if (
      (chunk?.type === "text-delta" || chunk?.type === "reasoning-delta") &&
      last?.type === chunk.type &&
      last.id === chunk.id
    ) {
      merged[merged.length - 1] = { ...last, ...chunk, delta: last.delta + chunk.delta };
    } else if (
      chunk?.type === "tool-input-delta" &&
      last?.type === "tool-input-delta" &&
      last.toolCallId === chunk.toolCallId
    ) {
      const inputTextDelta = last.inputTextDelta + chunk.inputTextDelta;
      merged[merged.length - 1] = { ...last, inputTextDelta };
    } else {
      merged.push(chunk);
    }
  }
  return merged;
}

function hasContent(part: MessagePart): boolean {
  if (part.type === "step-start") return false;
  return part.type === "text" || part.type === "reasoning" ? part.text !== "" : true;
}

/** A part as it is when nothing more comes. */
function closed(part: MessagePart): MessagePart {
  if ((part.type === "text" || part.type === "reasoning") && part.state === "streaming") {
    return { ...part, state: "done" };
  }
  if (isToolUIPart(part) && part.state === "input-streaming") {
    const { rawInput: _, inputEncoding: __, ...call } = part;
    return { ...call, state: "output-error", ...UNFINISHED_CALL };
  }
  return part;
}
