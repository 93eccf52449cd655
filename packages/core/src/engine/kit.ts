// What a producer or a response of another kind is made of (redis-run-log). Not for users: it changes as those need it.
export { generate } from "./generation.ts";
export { messageOf } from "./message-of.ts";
export { pump } from "./pump.ts";
export { toSseResponse } from "./sse-response.ts";
export { StreamWriter } from "./stream-writer.ts";
