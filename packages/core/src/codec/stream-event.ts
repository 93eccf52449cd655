/** One event of a generation: a piece of the answer's text, or something with a name of its own. */
export interface StreamEvent {
  /** 1 to 64 of `A-Z a-z 0-9 _ . -`; empty for text. The names in {@link CONTROL_EVENTS}, `message` and `open` are taken. */
  event: string;
  data: string;
}

/** Events that the server itself sends. They are not stored, and no stored chunk can pose as one. */
export const CONTROL_EVENTS = {
  /** First of all: its data is the stream's id. */
  streamId: "stream-id",
  /** The stream ended with an error, or this reader cannot go on; its data is the message. */
  error: "error",
  /** The stream was stopped. */
  stopped: "stopped",
  /** Last of all: the stream's end is stored, there is nothing more to come. */
  done: "done",
} as const;

const SEPARATOR = "\x01";
/** Not those of {@link CONTROL_EVENTS}, and not what an `EventSource` calls its own: `message` is an event without a name. */
const NAME = /^(?!(?:stream-id|error|stopped|done|message|open)$)[A-Za-z0-9_.-]{1,64}$/;

/** Whether a generation may use `name` for events of its own. */
export function isEventName(name: string): boolean {
  return NAME.test(name);
}

/**
 * An event as a stored chunk: `<event>\x01<data>`.
 *
 * @throws TypeError if the event's name is not allowed
 */
export function toChunk({ event, data }: StreamEvent): string {
  if (event !== "" && !isEventName(event)) {
    throw new TypeError(`${JSON.stringify(event)} cannot be the name of an event`);
  }
  return event + SEPARATOR + data;
}

/** A stored chunk as an event. A chunk that does not begin with an allowed name is text as a whole. */
export function fromChunk(chunk: string): StreamEvent {
  const at = chunk.indexOf(SEPARATOR);
  if (at === 0) return { event: "", data: chunk.slice(1) };
  const event = chunk.slice(0, Math.max(at, 0));
  return isEventName(event) ? { event, data: chunk.slice(at + 1) } : { event: "", data: chunk };
}
