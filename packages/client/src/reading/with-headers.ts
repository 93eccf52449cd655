import type { RequestHeaders } from "./reading-options.ts";

/** All headers together; later ones win. */
export async function withHeaders(...sources: (RequestHeaders | undefined)[]): Promise<Headers> {
  const all = new Headers();
  for (const source of sources) {
    const headers = typeof source === "function" ? await source() : source;
    new Headers(headers).forEach((value, name) => all.set(name, value));
  }
  return all;
}
