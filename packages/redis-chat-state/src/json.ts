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
  const parsed = parseJson(text);
  return (parsed === undefined ? text : parsed.value) as T;
}

/** The value of a JSON text, undefined if it is none. Numbers that only Python writes are null, as JavaScript has them. */
export function parseJson(text: string): { value: unknown } | undefined {
  const parsed = tryParse(() => text);
  if (parsed || !/NaN|Infinity/.test(text)) return parsed;
  return tryParse(() => text.replaceAll(STRING_OR_PYTHON_NUMBER, toJsonNumber));
}

const STRING_OR_PYTHON_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|NaN|-?Infinity/g;

function toJsonNumber(token: string): string {
  return token.startsWith('"') ? token : "null";
}

/** Also undefined for a text that is too long to be told. */
function tryParse(json: () => string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(json()) as unknown };
  } catch {
    return undefined;
  }
}
