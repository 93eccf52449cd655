// The glue, and with it the handlers of `@streambed/ai-sdk` as hooks.
export { createChatHandler } from "./create-chat-handler.ts";
export { createStreamHandler } from "./create-stream-handler.ts";
export { streambed } from "./streambed.ts";
export type { Handle } from "./streambed.ts";
export { streambedRoute } from "./streambed-route.ts";
