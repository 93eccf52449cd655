import { ChatStateError } from "./chat-state-error.ts";

/** More than 300,000 years in milliseconds; and Redis adds the time of day to it. */
const MOST = 1e16;

/**
 * A number as Redis takes it, rounded up. Redis refuses a fraction only when the script is half done.
 *
 * @throws ChatStateError `INVALID_OPTION` for what is no number, or not positive
 */
export function wholeNumber(name: string, value: number): string {
  if (typeof value === "number" && value > 0 && value <= MOST) return Math.ceil(value).toFixed(0);
  throw new ChatStateError("INVALID_OPTION", `${name} must be a number greater than 0`);
}

/** The same, and `"0"` for whatever means none to the other adapters: 0, a negative number, nothing at all. */
export function wholeNumberOrNone(name: string, value: number | undefined): string {
  if (value === undefined || value === null || value <= 0) return "0";
  return wholeNumber(name, value);
}

/** What a timer takes: a longer one would be over at once. @throws ChatStateError `INVALID_OPTION` */
export function assertTime(name: string, ms: number): void {
  if (typeof ms === "number" && ms > 0 && ms < 2 ** 31) return;
  throw new ChatStateError("INVALID_OPTION", `${name} must be a number from 1 to 2,147,483,647`);
}
