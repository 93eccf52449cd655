/** Request header with the seq of the last event that a reconnecting `EventSource` has seen. */
export const HEADER_LAST_EVENT_ID = "last-event-id";
/** Response header with the stream's id. */
export const HEADER_STREAM_ID = "x-stream-id";
/** Query parameter with the seq after which to read. */
export const QUERY_AFTER = "after";
