/** Providers quote whole answers in their messages; a reader needs the beginning. */
const MOST_UNITS = 2_000;

/** What the last try failed with, where the AI SDK has given up after several. */
export function lastFailure(error: unknown): unknown {
  // Known by its name: a copy of the AI SDK other than ours may have made it.
  const retried = error instanceof Error && error.name === "AI_RetryError" && "lastError" in error;
  return retried ? (error.lastError ?? error) : error;
}

/**
 * What a model failed with, in words: its message and those of its causes, since "terminated" alone
 * says little; the HTTP status where there is no message.
 */
export function describeModelError(failure: unknown): string {
  let text: string | undefined;
  let error = failure;
  for (let depth = 0; depth < 5 && error !== undefined && error !== null; depth++) {
    const message = textOf(error);
    if (text === undefined) text = message;
    else if (message !== undefined && !text.includes(message)) text += `: ${message}`;
    error = error instanceof Error ? error.cause : undefined;
  }
  text ??= statusOf(failure) ?? "the model failed without saying why";
  return text.length > MOST_UNITS ? `${text.slice(0, MOST_UNITS)}…` : text;
}

/** Tells readers what went wrong, as the user's `describeError` does, or as we do; whatever that does itself. */
export type Describe = (error: unknown) => string;

/** `describeError`, or ours. It never throws: what it cannot tell has a text all the same. */
export function toDescribe(describeError: Describe = describeModelError): Describe {
  return (error) => {
    try {
      const text: unknown = describeError(error);
      if (typeof text === "string") return text;
    } catch {
      // The error is told all the same.
    }
    return "the generation failed";
  };
}

function textOf(value: unknown): string | undefined {
  const object = typeof value === "object" && value !== null;
  const text = object && "message" in value ? value.message : value;
  if (typeof text === "string") return text.trim() === "" ? undefined : text;
  return object && !(value instanceof Error) ? jsonOf(value) : undefined;
}

function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function statusOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const status = "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? `the model's provider answered ${status}` : error.name;
}
