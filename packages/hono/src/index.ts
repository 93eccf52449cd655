export { streambed } from "./streambed.ts";
