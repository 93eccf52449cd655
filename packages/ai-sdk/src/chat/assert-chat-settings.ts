import { assertNumbers } from "../assert-numbers.ts";
import type { ChatHandlerOptions } from "./chat-handler-options.ts";

/** @throws TypeError for what the types already refuse, and for numbers and paths that make no sense */
export function assertChatSettings(options: ChatHandlerOptions): void {
  const { store, active, authorize, api, model, models, generate, whenBusy } = options;
  if (typeof store?.append !== "function") throw new TypeError("createChatHandler needs a `store`");
  if (typeof active?.set !== "function") {
    throw new TypeError("createChatHandler needs `active`, an ActiveStreams beside the store");
  }
  if (typeof authorize !== "function") {
    throw new TypeError(
      "createChatHandler needs `authorize`: chats' ids can be guessed, and it alone keeps a chat to those whose it is",
    );
  }
  const sources = [model, models, generate].filter((source) => source !== undefined);
  if (sources.length !== 1) {
    throw new TypeError("createChatHandler needs one of `model`, `models` and `generate`");
  }
  if (generate !== undefined && typeof generate !== "function") {
    throw new TypeError("`generate` must be a function");
  }
  if (api !== undefined && !/^(\/[^/?#]+)+$/.test(api)) {
    throw new TypeError('`api` must be a path like "/api/chat", without a slash at its end');
  }
  if (whenBusy !== undefined && whenBusy !== "refuse" && whenBusy !== "take over") {
    throw new TypeError('`whenBusy` must be "refuse" or "take over"');
  }
  assertNumbers(options);
}
