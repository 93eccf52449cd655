import { SseDecoder, encodeSse, fromChunk, isEventName, toChunk } from "@streambed/core/codec";

/** A line that readers of SSE pass over. Marks a chunk that is bare text, and no event of the engine's. */
const BARE = "chunk: text\n";

/** What most entries are: one line of data. */
const ONE_LINE = /^data: ([^\r\n]*)\n\n$/;

/** A stream's chunk as an entry: the event that it stands for, as any reader of SSE understands it. */
export function toEntry(chunk: string): string {
  const event = fromChunk(chunk);
  const data = encodeSse(event);
  return toChunk(event) === chunk ? data : BARE + data;
}

/** An entry as a chunk. One that is not exactly one event which a stream may hold is text as it stands. */
export function fromEntry(data: string): string {
  const [, line] = ONE_LINE.exec(data) ?? [];
  if (line !== undefined) return toChunk({ event: "", data: line });
  const decoder = new SseDecoder();
  // And what is not yet closed by an empty line.
  const events = [...decoder.decode(data), ...decoder.decode("\n\n")];
  const [event] = events;
  if (event === undefined || events.length > 1) return toChunk({ event: "", data });
  if (data.startsWith(BARE)) return event.data;
  const name = event.event === "message" ? "" : event.event;
  if (name !== "" && !isEventName(name)) return toChunk({ event: "", data });
  return toChunk({ event: name, data: event.data });
}
