export { streambed } from "./streambed.ts";
export { streambedApp } from "./streambed-app.ts";
