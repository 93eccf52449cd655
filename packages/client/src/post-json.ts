import type { RequestHeaders } from "./reading/reading-options.ts";
import { withHeaders } from "./reading/with-headers.ts";

export interface PostOptions {
  url: string | URL;
  body: unknown;
  headers?: RequestHeaders | undefined;
  fetch?: typeof fetch | undefined;
  signal?: AbortSignal | undefined;
  /** Whether the request is to outlive the page. */
  keepalive?: boolean | undefined;
}

export async function postJson({
  url,
  body,
  headers,
  fetch,
  signal,
  keepalive,
}: PostOptions): Promise<Response> {
  const send = fetch ?? globalThis.fetch;
  const all = await withHeaders({ "content-type": "application/json" }, headers);
  const init: RequestInit = { method: "POST", headers: all, body: JSON.stringify(body) };
  return send(url, { ...init, signal: signal ?? null, keepalive: keepalive ?? false });
}
