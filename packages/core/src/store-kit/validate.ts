import type { SetActiveOptions } from "../contracts/active-streams.ts";
import { StreamError } from "../contracts/stream-error.ts";
import type {
  AppendOptions,
  CreateOptions,
  StreamEnd,
  StreamLimits,
} from "../contracts/stream-store.ts";

const ID = /^[A-Za-z0-9_.:-]{1,256}$/;
const TOKEN = /^[\x21-\x7e]{1,128}$/;

/** @throws StreamError `INVALID_ID` */
export function assertStreamId(id: unknown): asserts id is string {
  if (!isStreamId(id)) throw invalidId("a stream id");
}

/** @throws StreamError `INVALID_ID` */
export function assertChatId(id: unknown): asserts id is string {
  if (!isStreamId(id)) throw invalidId("a chat id");
}

/** @throws StreamError `INVALID_ID` */
export function assertSessionId(id: unknown): asserts id is string {
  if (!isStreamId(id)) throw invalidId("a session id");
}

/** Whether `id` matches the grammar of streams' ids, which those of chats and sessions share. */
export function isStreamId(id: unknown): id is string {
  return typeof id === "string" && ID.test(id);
}

/** @throws StreamError `INVALID_CURSOR` */
export function assertCursor(afterSeq: unknown): asserts afterSeq is number {
  if (!Number.isSafeInteger(afterSeq) || (afterSeq as number) < 0) {
    throw new StreamError("INVALID_CURSOR", "a cursor must be an integer >= 0");
  }
}

/** @throws StreamError `INVALID_CHUNK` */
export function assertText(text: unknown, what: string): asserts text is string {
  if (typeof text !== "string") throw new StreamError("INVALID_CHUNK", `${what} must be a string`);
  if (!text.isWellFormed()) {
    throw new StreamError(
      "INVALID_CHUNK",
      `${what} must be well-formed UTF-16 (no lone surrogate)`,
    );
  }
}

/** @throws StreamError `INVALID_OPTION` */
export function assertCreateOptions(options: CreateOptions): void {
  assertToken("writer", options.writer);
  assertPositiveInteger("leaseMs", options.leaseMs);
  assertPositiveInteger("ttlSec", options.ttlSec);
}

/** @throws StreamError `INVALID_OPTION` or, for an ill-formed error text, `INVALID_CHUNK` */
export function assertAppendOptions(options: AppendOptions): void {
  assertToken("writer", options.writer);
  assertToken("op", options.op);
  if (options.after !== undefined && (!Number.isSafeInteger(options.after) || options.after < 0)) {
    throw new StreamError("INVALID_OPTION", "after must be an integer >= 0");
  }
  if (options.end !== undefined) assertEnd(options.end);
}

/** @throws StreamError `INVALID_OPTION` */
export function assertSetActiveOptions({ instead, ttlSec }: SetActiveOptions): void {
  if (instead !== undefined && !isStreamId(instead)) {
    throw new StreamError("INVALID_OPTION", "instead must be a stream id");
  }
  assertPositiveInteger("ttlSec", ttlSec);
}

/** @throws StreamError `INVALID_OPTION`. Undefined is allowed: the default holds. */
export function assertPositiveInteger(name: string, value: unknown): void {
  if (value === undefined) return;
  // 1e12 ms are 31 years, and leave every sum of times far below 1e14 (what Redis' Lua prints exactly).
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 1e12) {
    throw new StreamError("INVALID_OPTION", `${name} must be an integer from 1 to 1e12`);
  }
}

/** The limits of a store, defaults filled in. @throws StreamError `INVALID_OPTION` */
export function resolveLimits(limits: StreamLimits): Required<Record<keyof StreamLimits, number>> {
  assertPositiveInteger("maxChunkBytes", limits.maxChunkBytes);
  assertPositiveInteger("maxChunks", limits.maxChunks);
  assertPositiveInteger("maxBytes", limits.maxBytes);
  return {
    maxChunkBytes: limits.maxChunkBytes ?? 1_048_576,
    maxChunks: limits.maxChunks ?? 100_000,
    maxBytes: limits.maxBytes ?? 67_108_864,
  };
}

function invalidId(what: string): StreamError {
  return new StreamError("INVALID_ID", `${what} must match ^[A-Za-z0-9_.:-]{1,256}$`);
}

function assertToken(name: string, value: unknown): void {
  if (value !== undefined && (typeof value !== "string" || !TOKEN.test(value))) {
    throw new StreamError("INVALID_OPTION", `${name} must be 1 to 128 visible ASCII characters`);
  }
}

function assertEnd(end: StreamEnd): void {
  if (end === "done") return;
  if (typeof end !== "object" || end === null) {
    throw new StreamError("INVALID_OPTION", 'end must be "done" or { error: string }');
  }
  assertText(end.error, "an error text");
}
