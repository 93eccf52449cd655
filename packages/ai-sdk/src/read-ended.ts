import { fromChunk, StreamError } from "@streambed/core";
import type { StreamEvent, StreamStatus, StreamStore } from "@streambed/core";

/** All of a stream that has ended. */
export interface EndedStream {
  events: StreamEvent[];
  status: StreamStatus;
}

const GONE = ["NOT_FOUND", "EXPIRED", "LOST"] as const;

/** Undefined if it is gone, or part of it: there is no whole beginning to keep. Waits for the end of one that is active. */
export async function readEnded(
  store: StreamStore,
  streamId: string,
): Promise<EndedStream | undefined> {
  const events: StreamEvent[] = [];
  const reader = store.readFrom(streamId, 0);
  try {
    for (;;) {
      const { done, value } = await reader.next();
      if (done === true) return { events, status: value };
      events.push(fromChunk(value.data));
    }
  } catch (error) {
    if (GONE.some((code) => StreamError.is(error, code))) return undefined;
    throw error;
  }
}

/** What is kept with an answer: the stream that it is of, and how that ended. One that is not `done` is not whole. */
export interface AnswerMetadata extends Record<string, unknown> {
  streamId: string;
  state: StreamStatus["state"];
  /** With the state `error`: why. */
  error?: string | undefined;
}

export function answerMetadata(streamId: string, { state, error }: StreamStatus): AnswerMetadata {
  return { streamId, state, error };
}
