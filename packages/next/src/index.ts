export { streambed } from "./streambed.ts";
export type { RouteHandlers } from "./streambed.ts";
