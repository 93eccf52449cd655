import { CONTROL_EVENTS, HEADER_LAST_EVENT_ID } from "@streambed/core/codec";
import type { DecodedSseEvent, StreamEvent } from "@streambed/core/codec";
import { StreamClientError } from "../stream-client-error.ts";
import type { Ask } from "./ask.ts";
import { checkStream, tryAgain } from "./check-response.ts";
import type { Protocol, Step } from "./protocol.ts";

/** One event of an answer, stored under its seq. */
export interface StreamedEvent extends StreamEvent {
  /** Its position, from 1. A cursor: reading on begins behind it. */
  seq: number;
}

/** The protocol of Streambed (PROTOCOL.md): each seq once and in order, and no end but a stored one. */
export function streamProtocol(ask: Ask, after: number): Protocol<StreamedEvent> {
  let seq = after;
  /** Where this connection stands; undefined before the first. */
  let connectionSeq: number | undefined;
  /** As far as this connection has told. */
  let end: NonNullable<Step<unknown>["end"]> = "done";

  function toItem({ event, data, lastEventId }: DecodedSseEvent): Step<StreamedEvent> {
    const next = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0;
    // An event without an id of its own has that of the one before it.
    if (next <= connectionSeq!) {
      throw new StreamClientError("PROTOCOL", `no seq: ${lastEventId}`);
    }
    connectionSeq = next;
    if (next <= seq) return {};
    if (next > seq + 1) throw tryAgain(`gap at ${seq}`);
    seq = next;
    return { items: [{ seq, event, data }] };
  }

  return {
    async connect(signal) {
      const cursor = { [HEADER_LAST_EVENT_ID]: String(seq) };
      const response = await checkStream(
        await ask(seq === 0 ? {} : cursor, signal),
        connectionSeq !== undefined,
      );
      connectionSeq = 0;
      end = "done";
      return response;
    },

    take(event) {
      const { event: name, data } = event;
      if (name === CONTROL_EVENTS.done) return { end };
      if (name === CONTROL_EVENTS.error) end = new StreamClientError("FAILED", data);
      else if (name === CONTROL_EVENTS.stopped) end = name;
      else if (name !== CONTROL_EVENTS.streamId) return toItem(event);
      return {};
    },

    cut() {
      if (typeof end === "string") return undefined;
      // Without `done` it says why this connection cannot go on; or it is an end that was cut in two.
      const { message } = end;
      const code = /^(LOST|EXPIRED|NOT_FOUND): /.exec(message)?.[1];
      if (code) throw new StreamClientError(code === "LOST" ? code : "NOT_FOUND", message);
      return message;
    },
  };
}
