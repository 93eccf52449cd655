import { StreamError } from "@streambed/core/contracts";

const SQLITE_BUSY = 5;
/** What SQLite reports when processes race for the WAL's locks: gone when tried again. */
const SQLITE_PROTOCOL = 15;

/** Whether `error` means that another process holds the lock, so that trying again may help. */
export function isBusy(error: unknown): boolean {
  if (!isSqliteError(error)) return false;
  // The low byte is the primary code; what is above it says more.
  const code = error.errcode & 0xff;
  return code === SQLITE_BUSY || code === SQLITE_PROTOCOL;
}

/** What SQLite reports, as a `StreamError` of code `UNAVAILABLE`; anything else as it is. */
export function toStreamError(error: unknown, what: string): unknown {
  if (!isSqliteError(error)) return error;
  const why = isBusy(error) ? "another process holds its lock" : error.message;
  return new StreamError("UNAVAILABLE", `${what}: ${why}`, { cause: error });
}

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_SQLITE_ERROR" &&
    "errcode" in error &&
    typeof error.errcode === "number"
  );
}
