import { StreamError } from "@streambed/core/contracts";
import type { ReadOptions, StreamChunk, StreamStatus } from "@streambed/core/contracts";
import { Breakable, alter, mutant } from "./mutant.ts";
import type { Mutant, Reader } from "./mutant.ts";

type Step = IteratorResult<StreamChunk, StreamStatus>;

/** Changes what a reader is told, step by step. */
function tells(
  breaks: string,
  how: string,
  change: (step: Promise<Step>, read: Asked) => Promise<Step>,
): Mutant {
  return mutant(
    breaks,
    how,
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options: ReadOptions = {}): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        const read: Asked = {
          status: () => this.getStatus(id),
          again: () => inner.next(),
          afterSeq,
          signal: options.signal,
          first: true,
        };
        const next = async (): Promise<Step> => {
          const step = await change(inner.next(), read);
          read.first = false;
          return step;
        };
        return alter(inner, { next });
      }
    },
  );
}

/** What the reader had asked for. */
interface Asked {
  status(): Promise<StreamStatus | null>;
  again(): Promise<Step>;
  afterSeq: number;
  signal: AbortSignal | undefined;
  /** Whether this is its first step. */
  first: boolean;
}

function endsCleanly(status: Partial<StreamStatus> = {}): Step {
  return { done: true, value: { state: "done", totalChunks: 0, ...status } };
}

/** `then`, where `step` is rejected with `code`. */
async function onCode(
  step: Promise<Step>,
  code: string,
  then: () => Step | Promise<Step>,
): Promise<Step> {
  try {
    return await step;
  } catch (error) {
    if (StreamError.is(error) && error.code === code) return then();
    throw error;
  }
}

function refuse(code: "EXPIRED" | "NOT_FOUND" | "INVALID_CURSOR"): () => never {
  return () => {
    throw new StreamError(code, "broken");
  };
}

export const readingMutants: readonly Mutant[] = [
  tells("read-every-chunk", "drops a chunk at the seam of two pages", async (step, read) => {
    const { value, done } = await step;
    const seam = !done && value.seq === 257 && read.afterSeq > 0;
    return seam ? read.again() : step;
  }),

  mutant(
    "read-every-chunk",
    "takes all readers along when one leaves",
    class extends Breakable {
      readonly #left = new Set<string>();
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        return alter(inner, {
          next: async () => {
            const step = await inner.next();
            if (!step.done && this.#left.has(id)) throw new Error("the connection was closed");
            return step;
          },
          leave: (value) => {
            // Those that have not begun are not there to be taken along: only who follows live.
            if (afterSeq === 0 && this.streams.get(id)?.status().state === "active")
              this.#left.add(id);
            return inner.return(value);
          },
        });
      }
    },
  ),

  tells("read-stored-end", "takes silence for the end", async (step, read) => {
    if (read.afterSeq !== 1 || (await read.status())?.state !== "active") return step;
    step.catch(() => {});
    const silence = new Promise<Step>((resolve) => {
      setTimeout(() => resolve(endsCleanly()), 300);
    });
    return Promise.race([step, silence]);
  }),

  tells("read-stored-end", "knows one end only", async (step, read) => {
    const { done, value } = await step;
    const stopped = done && value?.state === "stopped" && read.afterSeq > 0 && read.first;
    return stopped ? endsCleanly({ totalChunks: value.totalChunks }) : step;
  }),

  tells("read-not-found", "takes what never was for expired", (step) =>
    onCode(step, "NOT_FOUND", refuse("EXPIRED")),
  ),

  tells("read-not-found", "finds the cursor wrong", (step, { afterSeq }) =>
    afterSeq > 0 ? onCode(step, "NOT_FOUND", refuse("INVALID_CURSOR")) : step,
  ),

  tells("read-not-found", "ends cleanly", (step) => onCode(step, "NOT_FOUND", () => endsCleanly())),

  tells("read-expired", "ends cleanly", (step) => onCode(step, "EXPIRED", () => endsCleanly())),

  tells("read-expired", "says that it never was", (step) =>
    onCode(step, "EXPIRED", refuse("NOT_FOUND")),
  ),

  mutant(
    "read-expired",
    "goes on with the next stream of that id",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        let inner = super.readFrom(id, afterSeq, options);
        let cursor = afterSeq;
        const next = async (): Promise<Step> => {
          const step = await onCode(inner.next(), "EXPIRED", () => {
            if (!this.streams.has(id)) return refuse("EXPIRED")();
            inner = super.readFrom(id, cursor, options);
            return inner.next();
          });
          if (!step.done) cursor = step.value.seq;
          return step;
        };
        return alter(inner, { next, leave: (value) => inner.return(value) });
      }
    },
  ),

  tells("read-cursor", "takes a cursor past the end for the end", (step, read) =>
    onCode(step, "INVALID_CURSOR", async () => {
      const status = await read.status();
      if (status && status.state !== "active" && read.afterSeq > 0) return endsCleanly(status);
      return step;
    }),
  ),

  mutant(
    "read-cursor",
    "makes a number of it",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const cursor: unknown = afterSeq;
        return super.readFrom(id, typeof cursor === "string" ? Number(cursor) : afterSeq, options);
      }
    },
  ),

  mutant(
    "read-cursor",
    "rounds it down",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const round = typeof afterSeq === "number" && Number.isFinite(afterSeq);
        return super.readFrom(id, round ? Math.floor(afterSeq) : afterSeq, options);
      }
    },
  ),

  tells("read-lost", "gives a short answer", (step, read) =>
    onCode(step, "LOST", async () => endsCleanly((await read.status()) ?? {})),
  ),

  tells("read-lost", "takes it for expired", (step) => onCode(step, "LOST", refuse("EXPIRED"))),

  tells("read-abort", "has a reason of its own", async (step, { signal }) => {
    try {
      return await step;
    } catch (error) {
      throw signal?.aborted ? new DOMException("aborted", "AbortError") : error;
    }
  }),

  tells("read-abort", "wraps what is not an error", async (step, { signal }) => {
    try {
      return await step;
    } catch (error) {
      throw signal?.aborted && !(error instanceof Error) ? new Error(String(error)) : error;
    }
  }),

  mutant(
    "read-abort",
    "does not look at a signal that has aborted before",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        return super.readFrom(id, afterSeq, options?.signal?.aborted ? {} : options);
      }
    },
  ),

  mutant(
    "read-abort",
    "tells all of a page before it looks",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        let ahead: Promise<Step> | undefined;
        const next = async (): Promise<Step> => {
          const step = await (ahead ?? inner.next());
          const more = !step.done && step.value.seq < (this.streams.get(id)?.lastSeq ?? 0);
          ahead = more ? inner.next() : undefined;
          ahead?.catch(() => {});
          return step;
        };
        return alter(inner, { next });
      }
    },
  ),

  mutant(
    "read-leaves-nothing",
    "leaves a listener on the signal",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        options?.signal?.addEventListener("abort", () => {}, { once: false });
        return super.readFrom(id, afterSeq, options);
      }
    },
  ),

  mutant(
    "read-leaves-nothing",
    "leaves a timer that keeps nothing alive",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        const next = (): Promise<Step> => {
          setTimeout(() => {}, 20_000).unref();
          return inner.next();
        };
        return alter(inner, { next });
      }
    },
  ),

  mutant(
    "read-leaves-nothing",
    "polls on after return()",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        const leave: Reader["return"] = (value) => {
          const timer = setInterval(() => void this.streams.get(id), 50).unref();
          setTimeout(() => clearInterval(timer), 10_000).unref();
          return inner.return(value);
        };
        return alter(inner, { leave });
      }
    },
  ),

  mutant(
    "read-leaves-nothing",
    "answers return() when the pending next() is done",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        let pending: Promise<unknown> = Promise.resolve();
        return alter(inner, {
          next: () => {
            const step = inner.next();
            pending = step.catch(() => {});
            return step;
          },
          leave: async (value) => {
            await pending;
            return inner.return(value);
          },
        });
      }
    },
  ),
];
