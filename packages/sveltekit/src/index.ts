export type { RequestEventLike } from "./answer.ts";
export { streambed } from "./streambed.ts";
export type { Handle } from "./streambed.ts";
export { streambedRoute } from "./streambed-route.ts";
