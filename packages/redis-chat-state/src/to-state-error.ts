import { StreamError } from "@streambed/core/contracts";
import { isErrorReply } from "@streambed/redis-driver";
import { ChatStateError } from "./chat-state-error.ts";

/** @param unanswered what it means if it is no refusal */
export function toStateError(
  error: unknown,
  unanswered: "UNAVAILABLE" | "UNKNOWN_OUTCOME" | "UNSUPPORTED",
): ChatStateError {
  if (ChatStateError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  // What an attempt before the last one came to weighs more than why the last one was refused.
  const isUnsupported = unanswered !== "UNKNOWN_OUTCOME" && StreamError.is(error, "UNSUPPORTED");
  return new ChatStateError(isUnsupported ? "UNSUPPORTED" : unanswered, message, cause);
}

/** Why `connect` failed; where the server did not answer, the client's own last error says more. */
export function toConnectError(error: unknown, clientError: unknown): ChatStateError {
  const failure = toStateError(error, "UNAVAILABLE");
  const isAnswer = failure.code !== "UNAVAILABLE" || isErrorReply(failure.cause);
  if (isAnswer || clientError === undefined) return failure;
  const message = `${failure.message} (${reasonOf(clientError)})`;
  return new ChatStateError("UNAVAILABLE", message, clientError);
}

/** Where a name has several addresses, Node's error has no message of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
