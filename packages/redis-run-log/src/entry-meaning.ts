import { SseDecoder } from "@streambed/core/codec";
import type { DecodedSseEvent } from "@streambed/core/codec";
import { toRunEnd } from "./run-end.ts";
import type { RunEnd } from "./run-end.ts";
import { trimLineBreaks } from "./trim-line-breaks.ts";

/**
 * How an entry ends its run: an event called `error`, or one without a name whose data is `[DONE]`; undefined for
 * any other, whatever the text inside of it looks like.
 */
export function endOf(data: string): RunEnd | undefined {
  if (!data.includes("[DONE]") && !data.includes("error")) return undefined;
  const events = eventsOf(data);
  // What else it holds is a chunk.
  const markers = events.length === 1 ? 1 : 0;
  const error = events.find(({ event }) => event === "error");
  if (error !== undefined) {
    return { state: "error", error: errorText(error.data), entries: [data], markers };
  }
  const isDone = events.some((event) => isUnnamed(event) && DONE_DATA.test(event.data));
  return isDone ? { ...toRunEnd("done"), entries: [data], markers } : undefined;
}

/** Behind it blanks at most, those of ASCII: U+2028 is text. */
const DONE_DATA = /^\[DONE\][ \t\n]*$/;

function isUnnamed({ event }: DecodedSseEvent): boolean {
  return event === "" || event === "message";
}

/** Whether an entry is the message with which Letta's agents say why they have stopped. */
export function isStopReason(data: string): boolean {
  if (!data.includes("stop_reason")) return false;
  return eventsOf(data).some((event) => {
    const message = parseObject(event.data);
    return message?.["message_type"] === "stop_reason" && Boolean(message["stop_reason"]);
  });
}

/** `{"error":{"message":text}}`, `{"error":text}` or `{"message":text}`; anything else as it is. */
function errorText(json: string): string {
  const value = parseObject(json);
  const error = value?.["error"] ?? value?.["message"];
  const isNested = typeof error === "object" && error !== null && "message" in error;
  const text = isNested ? error.message : error;
  return typeof text === "string" ? text : json.trimEnd();
}

/** Also an event without data, and one that is not yet closed by an empty line. */
function eventsOf(data: string): DecodedSseEvent[] {
  return new SseDecoder().decode(`${trimLineBreaks(data)}\ndata\n\n`);
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
