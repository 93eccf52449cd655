import type { RequestContext, RequestHandler } from "@streambed/core";
import type { sequence } from "@sveltejs/kit/hooks";
import { answer } from "./answer.ts";

/** SvelteKit's own type, by a name that versions 2 and 3 share. */
export type Handle = Parameters<typeof sequence>[number];

/**
 * A `handle` hook that lets `handler` answer what is below its prefix; everything else goes on to the app. The
 * prefix is compared with the whole path as the browser sees it, `paths.base` and all. `context` is for
 * platforms whose adapter offers no `waitUntil`.
 */
export function streambed(handler: RequestHandler, context: RequestContext = {}): Handle {
  return ({ event, resolve }) => {
    // Not `event.url`: of that one SvelteKit takes its suffixes off, and remote functions name it themselves.
    const { pathname } = new URL(event.request.url);
    const isOurs = pathname === handler.prefix || pathname.startsWith(`${handler.prefix}/`);
    return isOurs ? answer(handler, event, context) : resolve(event);
  };
}
