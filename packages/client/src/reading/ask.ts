import type { RequestHeaders } from "./reading-options.ts";
import { withHeaders } from "./with-headers.ts";

/** What to read: an address, or a whole request, which is sent anew for each connection, without its own signal. */
export type ReadTarget =
  | { url: string | URL; request?: undefined; headers?: RequestHeaders | undefined }
  | { request: Request; url?: undefined; headers?: RequestHeaders | undefined };

/** Asks for what is behind the cursor that `cursor`, a header, names. */
export type Ask = (cursor: Record<string, string>, signal: AbortSignal) => Promise<Response>;

export function askFor(target: ReadTarget & { fetch?: typeof fetch | undefined }): Ask {
  const { url, request, headers } = target;
  return async (cursor, signal) => {
    const all = await withHeaders(request?.headers, headers, cursor);
    // Low: with readers in many tabs, what a person does must not wait for them.
    const init: RequestInit = { headers: all, signal, cache: "no-store", priority: "low" };
    // Looked up each time: others may wrap it.
    const send = target.fetch ?? globalThis.fetch;
    return send(request ? request.clone() : url, init);
  };
}
