import type { StreamStore } from "@streambed/core";
import type { LanguageModel } from "ai";
import { assertNumbers } from "./assert-numbers.ts";
import type { Authorize } from "./authorize.ts";

export type StreamHandlerOptions = StreamHandlerSettings &
  (
    | {
        /** Models by the key with which a request names them. The first is the default. */
        models: Record<string, LanguageModel>;
        model?: never;
      }
    | {
        /** The only model. */
        model: LanguageModel;
        models?: never;
      }
  );

export interface StreamHandlerSettings {
  /** Where answers are kept. */
  store: StreamStore;
  /** Every answer is. Here so that code which says so need not be changed. @default true */
  resumable?: true;
  /** The path below which the handler answers, as the browser sees it. @default "/__streambed__" */
  prefix?: string | undefined;
  /** Sees every request with what it wants to do. @default everyone may do everything */
  authorize?: Authorize | undefined;
  /** The longest body that is read. @default 1_048_576 */
  maxBodyBytes?: number | undefined;
  /** After how long without a sign of life a generation counts as lost. @default 15_000 */
  leaseMs?: number | undefined;
  /** How long an answer is kept after its end. @default the store's `ttlSec` */
  ttlSec?: number | undefined;
  /** Pause between comments that keep a quiet connection open. @default 15_000 */
  heartbeatMs?: number | undefined;
  /** The text that readers get when a model fails. @default the provider's message */
  describeError?: ((error: unknown) => string) | undefined;
}

/** @throws TypeError for what the types already refuse, and for numbers and prefixes that make no sense */
export function assertSettings(settings: StreamHandlerSettings): void {
  if (typeof settings.store?.append !== "function") {
    throw new TypeError("createStreamHandler needs a `store`");
  }
  if ((settings.resumable as unknown) === false) {
    throw new TypeError(
      "`resumable: false` is not offered: without a store, use the AI SDK's own responses",
    );
  }
  if (settings.prefix !== undefined && !/^(\/[^/?#]+)+$/.test(settings.prefix)) {
    throw new TypeError(
      '`prefix` must be a path like "/api/streambed", without a slash at its end',
    );
  }
  assertNumbers(settings);
}
