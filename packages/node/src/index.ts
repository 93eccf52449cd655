export type { NodeResponse } from "./send-response.ts";
export { streambed } from "./streambed.ts";
export type { NodeMiddleware, NodeRequest } from "./streambed.ts";
export { streambedPlugin } from "./streambed-plugin.ts";
export type { FastifyPlugin } from "./streambed-plugin.ts";
