import { errorResponse } from "./http.ts";

/** What a request wants to do. */
export type StreamAction =
  | {
      type: "start";
      /** The id that the stream will have: the place to note whose it is. */
      id: string;
      /** The key in `models`; `default` where there is a single `model`. */
      model: string;
      prompt: string;
      system?: string | undefined;
      sessionId?: string | undefined;
    }
  | { type: "resume"; id: string }
  | { type: "stop"; id: string };

/**
 * Decides on a request whose body has been read already. Only `true` lets it pass: a `Response`,
 * returned or thrown, is sent as it is, anything else is a 403. What else it throws, the handler throws.
 */
export type Authorize<Action = StreamAction> = (
  request: Request,
  action: Action,
) => boolean | Response | Promise<boolean | Response>;

/** The answer to a request that may not do what it wants to, `undefined` if it may. */
export async function refuse<Action>(
  authorize: Authorize<Action> | undefined,
  request: Request,
  action: Action,
): Promise<Response | undefined> {
  if (authorize === undefined) return undefined;
  let verdict: unknown;
  try {
    verdict = await authorize(request, action);
  } catch (error) {
    if (!(error instanceof Response)) throw error;
    verdict = error;
  }
  if (verdict === true) return undefined;
  return verdict instanceof Response ? verdict : errorResponse(403, "forbidden");
}
