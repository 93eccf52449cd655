import { errorResponse } from "./http.ts";
import type { StreamAction } from "./stream/stream-action.ts";

/**
 * Decides on a request whose body has been read already. Only `true` lets it pass: a `Response`,
 * returned or thrown, is sent as it is, anything else is a 403. What else it throws, the handler throws.
 */
export type Authorize<Action = StreamAction> = (
  request: Request,
  action: Action,
) => boolean | Response | Promise<boolean | Response>;

/** `answer`, or the answer to a request that may not do what it wants to. */
export async function ifAllowed<Action>(
  authorize: Authorize<Action> | undefined,
  request: Request,
  action: Action,
  answer: () => Promise<Response>,
): Promise<Response> {
  if (authorize === undefined) return answer();
  let verdict: unknown;
  try {
    verdict = await authorize(request, action);
  } catch (error) {
    if (!(error instanceof Response)) throw error;
    verdict = error;
  }
  if (verdict === true) return answer();
  return verdict instanceof Response ? verdict : errorResponse(403, "forbidden");
}
