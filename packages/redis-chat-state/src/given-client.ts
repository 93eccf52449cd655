import { ChatStateError } from "./chat-state-error.ts";

/** Whether the options bring a client; `{ client: undefined }`, a variable that was never set, is refused. */
export function bringsClient<Options extends object>(
  options: Options,
): options is Extract<Options, { client: unknown }> {
  if (!("client" in options)) return false;
  if (options.client) return true;
  throw new ChatStateError("INVALID_OPTION", "client is not set");
}

/** Where to connect. @throws ChatStateError `INVALID_OPTION` */
export function redisUrl(url: string | undefined): string {
  // Not Node's own type: this also runs where there is no `process`.
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const found = url ?? process?.env?.["REDIS_URL"];
  if (found) return found;
  const message = "Redis url is required. Set REDIS_URL or provide url in options.";
  throw new ChatStateError("INVALID_OPTION", message);
}
