import type { RequestContext } from "@streambed/core";

interface Waiting {
  waitUntil?: (work: Promise<unknown>) => void;
}

/** Of `event.platform`: Cloudflare's adapter has a `ctx`; Netlify's, and Vercel's at the edge, a `context`. */
export function contextOf(platform: unknown): RequestContext {
  const { ctx, context } = (platform ?? {}) as { ctx?: Waiting; context?: Waiting };
  const offered = [ctx, context].find((one) => typeof one?.waitUntil === "function");
  return offered === undefined ? {} : { waitUntil: (work) => offered.waitUntil?.(work) };
}
