export { cursorOf, parseCursor } from "./cursor.ts";
export { encodeSse, encodeSseComment } from "./encode-sse.ts";
export type { SseEvent } from "./encode-sse.ts";
export { HEADER_LAST_EVENT_ID, HEADER_STREAM_ID, QUERY_AFTER } from "./headers.ts";
export { SseDecoder } from "./sse-decoder.ts";
export type { DecodedSseEvent } from "./sse-decoder.ts";
export { CONTROL_EVENTS, fromChunk, isEventName, toChunk } from "./stream-event.ts";
export type { StreamEvent } from "./stream-event.ts";
