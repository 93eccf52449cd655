import { isDeepStrictEqual } from "node:util";
import type { StreamEnd, StreamErrorCode, StreamStatus } from "@streambed/core/contracts";

/** One call on the stream of a sequence, as data. */
export type Command =
  | { call: "create"; writer: string | undefined }
  | ({ call: "append" } & AppendCall)
  | { call: "repeat" }
  | { call: "stop" | "complete" | "delete" }
  | { call: "fail"; error: string }
  | { call: "read"; after: number };

export interface AppendCall {
  chunks: string[];
  writer: string | undefined;
  op: string | undefined;
  end: StreamEnd | undefined;
}

/**
 * What has to come of a call. `by` is the invariant that says so; `refusedBy`, if it is refused, and `fencedBy`, if
 * it is refused as FENCED, where that is no reason.
 */
export type Expected =
  | { by: string; refused: readonly StreamErrorCode[]; fencedBy?: string | undefined }
  | { by: string; value: number | undefined; refusedBy?: string | undefined };

/** The contract for calls one after the other, as the smallest thing that keeps it. Leases and expiry left out. */
export class StreamModel {
  readonly #maxChunks: number;
  #stream: {
    writer: string | undefined;
    end: Omit<StreamStatus, "totalChunks"> | undefined;
  } | null = null;
  texts: string[] = [];
  #lastTexts: readonly string[] = [];
  /** The last applied append with an op: what a producer may send again. */
  repeatable: AppendCall | undefined;

  constructor(maxChunks: number) {
    this.#maxChunks = maxChunks;
  }

  status(): StreamStatus | null {
    if (this.#stream === null) return null;
    return { state: "active", ...this.#stream.end, totalChunks: this.texts.length };
  }

  /** `null`: the contract leaves it open. */
  create(writer: string | undefined): Expected | null {
    const standing = this.#stream;
    if (standing === null) {
      this.#stream = { writer, end: undefined };
      return { by: "create-one-winner", value: undefined };
    }
    if (writer === undefined || writer !== standing.writer) {
      return { by: "create-one-winner", refused: ["ALREADY_EXISTS"] };
    }
    return standing.end ? null : { by: "create-same-writer", value: undefined };
  }

  append(call: AppendCall): Expected {
    const { chunks, writer, end } = call;
    const beat = chunks.length === 0 && end === undefined;
    const stream = this.#stream;
    if (stream === null) {
      return { by: beat ? "heartbeat-refused" : "append-not-found", refused: ["NOT_FOUND"] };
    }
    const reasons: [string, StreamErrorCode][] = [];
    if (stream.end) reasons.push(["append-not-active", "NOT_ACTIVE"]);
    if (stream.writer !== undefined && stream.writer !== writer) {
      reasons.push(["append-fenced", "FENCED"]);
    }
    if (chunks.length > 0 && this.texts.length + chunks.length > this.#maxChunks) {
      reasons.push(["limit-chunks", "LIMIT"]);
    }
    const fencedBy = stream.writer === undefined ? "create-open" : undefined;
    const [first] = reasons;
    if (first) {
      // Which of several reasons is told, the contract leaves open.
      const refused = reasons.map(([, code]) => code);
      return { by: beat ? "heartbeat-refused" : first[0], refused, fencedBy };
    }
    this.texts.push(...chunks);
    if (end !== undefined) stream.end = fromEnd(end);
    this.repeatable = call.op === undefined ? undefined : call;
    return { by: this.#byChunks(call), value: this.texts.length, refusedBy: fencedBy };
  }

  #byChunks({ chunks, end }: AppendCall): string {
    const last = this.#lastTexts;
    this.#lastTexts = chunks;
    if (end !== undefined) return "append-end";
    if (chunks.length === 0) return "heartbeat-silent";
    return isDeepStrictEqual(chunks, last) ? "repeat-new-op" : "append-order";
  }

  end(end: Omit<StreamStatus, "totalChunks">): Expected {
    if (this.#stream === null) return { by: "end-not-found", refused: ["NOT_FOUND"] };
    this.#stream.end ??= end;
    return { by: "end-first-counts", value: undefined };
  }

  delete(): Expected {
    this.#stream = null;
    this.texts = [];
    this.repeatable = undefined;
    return { by: "delete-forgets", value: undefined };
  }
}

function fromEnd(end: StreamEnd): Omit<StreamStatus, "totalChunks"> {
  return end === "done" ? { state: "done" } : { state: "error", error: end.error };
}
