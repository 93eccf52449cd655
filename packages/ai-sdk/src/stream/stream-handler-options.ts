import type { StreamStore } from "@streambed/core";
import type { ConversationStore } from "@streambed/core/conversation";
import type { LanguageModel, ToolSet } from "ai";
import { assertNumbers } from "../assert-numbers.ts";
import type { Authorize } from "../authorize.ts";

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
  /**
   * Keeps what is said in a session, for requests with a `sessionId`: each question when it is asked, each answer
   * when it has ended, or what there is of it. The model then sees what was said before. Ids of sessions come
   * from clients and can be guessed: `authorize` keeps a session to those whose it is.
   *
   * @default every request stands alone
   */
  conversation?:
    | {
        store: ConversationStore;
        /** How many messages the model sees, the newest. @default all */
        maxMessages?: number | undefined;
        /** What the model is told that sums a conversation up. @default to be brief, and to keep what matters */
        compactSystemPrompt?: string | undefined;
      }
    | undefined;
  /** Tools by the key with which a request to `/chat` names them (`toolset`). @default none */
  toolsets?: Record<string, ToolSet> | undefined;
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
  const { conversation } = settings;
  if (conversation !== undefined && typeof conversation.store?.update !== "function") {
    throw new TypeError("`conversation` needs a `store`, a ConversationStore");
  }
  assertNumbers({ ...settings, maxMessages: conversation?.maxMessages });
}
