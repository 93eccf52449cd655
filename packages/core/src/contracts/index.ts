export type { ActiveStreams, SetActiveOptions } from "./active-streams.ts";
export { StreamError } from "./stream-error.ts";
export type { StreamErrorCode, StreamErrorOptions } from "./stream-error.ts";
export { PRODUCER_LOST } from "./stream-store.ts";
export type {
  AppendOptions,
  CreateOptions,
  ReadOptions,
  StreamChunk,
  StreamEnd,
  StreamLimits,
  StreamState,
  StreamStatus,
  StreamStore,
} from "./stream-store.ts";
