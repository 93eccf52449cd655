import { ChatStateError } from "./chat-state-error.ts";

/** A value as the other adapters write it. @throws ChatStateError `INVALID_VALUE` for what JSON does not have */
export function toJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new ChatStateError("INVALID_VALUE", `not a value of JSON: ${String(error)}`, error);
  }
  if (json === undefined) {
    throw new ChatStateError("INVALID_VALUE", `${typeof value} is not a value of JSON`);
  }
  return json;
}

/** What JSON says, and text that is none as it is: somebody may have written it by hand. */
export function fromJson<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    return text as T;
  }
}
