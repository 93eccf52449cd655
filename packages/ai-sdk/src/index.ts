export type { Authorize, StreamAction } from "./authorize.ts";
export { createStreamHandler } from "./create-stream-handler.ts";
export type { StreamHandlerOptions } from "./stream-handler-options.ts";
