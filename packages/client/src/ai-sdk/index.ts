export { DurableChatTransport } from "./durable-chat-transport.ts";
export type { DurableChatTransportOptions } from "./durable-chat-transport.ts";
