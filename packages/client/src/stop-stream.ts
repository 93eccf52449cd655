import type { ReadingOptions, RequestHeaders } from "./reading/reading-options.ts";
import { postJson } from "./post-json.ts";
import { untilItWorks } from "./until-it-works.ts";
import type { RetryOptions } from "./until-it-works.ts";

export interface StopStreamOptions extends RetryOptions, Pick<ReadingOptions, "fetch"> {
  /** Where answers are begun; `/stop` below it ends them. Without a query. */
  url: string | URL;
  id: string;
  headers?: RequestHeaders | undefined;
}

/**
 * Ends an answer for everybody, the model included; what has been stored is kept. Resolves when that is sure,
 * also for one that has ended already. Tries again while the server cannot be reached.
 *
 * @throws StreamClientError; the signal's reason
 */
export function stopStream(options: StopStreamOptions): Promise<void> {
  const { url, id } = options;
  const stop = { ...options, url: `${String(url)}/stop`, body: { id }, keepalive: true };
  return untilItWorks((signal) => postJson({ ...stop, signal }), options);
}
