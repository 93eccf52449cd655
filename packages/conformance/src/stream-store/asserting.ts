import { expect } from "vitest";
import { StreamError } from "@streambed/core/contracts";
import type { StreamErrorCode, StreamStatus } from "@streambed/core/contracts";
import type { Reader } from "./case-context.ts";

/** How long an abort or a `return()` may take: "at once", on a busy machine. */
export const AT_ONCE_MS = 500;

/** What came of an operation, without throwing. */
export type Outcome<T> = { value: T } | { error: unknown };

/** Runs `operation`; a synchronous throw counts as a rejection. */
export async function outcomeOf<T>(operation: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await operation() };
  } catch (error) {
    return { error };
  }
}

/** Fails unless `operation` is refused with a `StreamError` of this `code`, which it returns. */
export async function expectRefused(
  code: StreamErrorCode,
  operation: () => unknown,
  what = "the call",
): Promise<StreamError> {
  const outcome = await outcomeOf(operation);
  if (!("error" in outcome)) {
    expect.fail(`${what} should be refused with ${code}, but resolved to ${show(outcome.value)}`);
  }
  const { error } = outcome;
  if (!StreamError.is(error, code)) {
    expect.fail(`${what} should be refused with ${code}, but failed with ${show(error)}`);
  }
  return error;
}

/** The code of a `StreamError`, or the error itself. */
export function codeOf(error: unknown): unknown {
  return StreamError.is(error) ? error.code : error;
}

/** Everything that is left of a reader. */
export interface Reading {
  texts: string[];
  seqs: number[];
  status: StreamStatus;
}

/** Reads to the end. Its rejection may stay unhandled for a while: a case may look at it last. */
export function drain(reader: Reader): Promise<Reading> {
  return inBackground(readToEnd(reader));
}

/** Reads at most `count` chunks. */
export async function take(reader: Reader, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { done, value } = await soon(reader.next(), `chunk ${texts.length + 1} of ${count}`);
    if (done) break;
    texts.push(value.data);
  }
  return texts;
}

/** Lets `promise` reject while nobody is looking yet. */
export function inBackground<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** `promise`, which has to settle within `ms`. Generous: it tells "late" from "never", not fast from slow. */
export async function soon<T>(promise: Promise<T>, what: string, ms = 5000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether `promise` is still pending after `ms`. */
export async function staysPending(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const settled = promise.then(
    () => false,
    () => false,
  );
  return Promise.race([settled, pause(ms).then(() => true)]);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks every 25 ms until `look` returns something, at most `ms`. */
export async function until<T>(
  what: string,
  ms: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) expect.fail(`${what} did not come within ${ms} ms`);
    await pause(25);
  }
}

async function readToEnd(reader: Reader): Promise<Reading> {
  const texts: string[] = [];
  const seqs: number[] = [];
  for (;;) {
    const step = await reader.next();
    if (step.done) return { texts, seqs, status: step.value };
    texts.push(step.value.data);
    seqs.push(step.value.seq);
  }
}

function show(value: unknown): string {
  if (StreamError.is(value)) return `${value.code} (${value.message})`;
  return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
}
