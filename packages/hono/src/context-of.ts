import type { RequestContext } from "@streambed/core";
import type { Context } from "hono";

export function contextOf(c: Context): RequestContext {
  try {
    const { executionCtx } = c;
    return { waitUntil: (work) => executionCtx.waitUntil(work) };
  } catch {
    // The getter throws where the platform has none.
    return {};
  }
}
