export { createDurableStream } from "./create-durable-stream.ts";
export type { CreateDurableStreamOptions, DurableStream } from "./create-durable-stream.ts";
export { toErrorResponse } from "./error-response.ts";
export type { SseEncoding } from "./sse-encoding.ts";
export type { StreamSource } from "./pump.ts";
export type { RequestContext, RequestHandler } from "./request-handler.ts";
export { resumeDurableStream } from "./resume-durable-stream.ts";
export type { ResumeDurableStreamOptions } from "./resume-durable-stream.ts";
