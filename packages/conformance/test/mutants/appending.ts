import { StreamError } from "@streambed/core/contracts";
import type { AppendOptions } from "@streambed/core/contracts";
import { Breakable, aMoment, isBeat, isOpen, mutant, textsOf } from "./mutant.ts";
import type { Chunks, Mutant } from "./mutant.ts";

/** Stores other texts than it was given. */
function mangles(how: string, mangle: (text: string) => string): Mutant {
  return mutant(
    "append-verbatim",
    how,
    class extends Breakable {
      override append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        if (typeof chunks === "string") return super.append(id, mangle(chunks), options);
        const texts = Array.isArray(chunks) && chunks.every((one) => typeof one === "string");
        return super.append(id, texts ? chunks.map(mangle) : chunks, options);
      }
    },
  );
}

export const appendingMutants: readonly Mutant[] = [
  mutant(
    "append-order",
    "weaves batches that come together",
    class extends Breakable {
      readonly #waiting = new Map<
        string,
        { batch: string[]; done: PromiseWithResolvers<number> }[]
      >();
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const small = Array.isArray(chunks) && chunks.length > 1 && chunks.length < 8;
        const simple = small && chunks.every((one) => typeof one === "string" && one.length < 50);
        if (!simple || Object.values(options).some(Boolean))
          return super.append(id, chunks, options);
        const queue = this.#waiting.get(id) ?? [];
        const done = Promise.withResolvers<number>();
        queue.push({ batch: [...chunks], done });
        if (queue.length === 1) {
          this.#waiting.set(id, queue);
          queueMicrotask(() => {
            this.#waiting.delete(id);
            const longest = Math.max(...queue.map(({ batch }) => batch.length));
            const woven = Array.from({ length: longest }, (_, i) =>
              queue.flatMap(({ batch }) => batch.slice(i, i + 1)),
            ).flat();
            const stored = super.append(id, woven, options);
            for (const { done: one } of queue) void stored.then(one.resolve, one.reject);
          });
        }
        return done.promise;
      }
    },
  ),

  mutant(
    "append-order",
    "stores a very big batch in two parts, the second first",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        const big = Array.isArray(chunks) && chunks.length > 8000;
        const turned = big ? [...chunks.slice(8000), ...chunks.slice(0, 8000)] : chunks;
        return super.append(id, turned, options);
      }
    },
  ),

  mangles("drops a byte order mark", (text) => text.replace(/^\uFEFF/, "")),
  mangles("normalises Unicode", (text) => text.normalize("NFC")),
  mangles("makes CRLF a line feed", (text) => text.replaceAll("\r\n", "\n")),
  mangles("stops at NUL", (text) => text.replace(/\0.*/s, "")),
  mangles("sends what looks like JSON through JSON", (text) => {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "string" ? text : JSON.stringify(value);
    } catch {
      return text;
    }
  }),

  mutant(
    "append-verbatim",
    "reads the caller's array later",
    class extends Breakable {
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        if (Array.isArray(chunks) && !options.end) await Promise.resolve();
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "append-all-or-nothing",
    "stores what comes before a bad chunk",
    class extends Breakable {
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        if (Array.isArray(chunks)) {
          const bad = chunks.findIndex((one) => typeof one !== "string");
          if (bad > 0) await super.append(id, chunks.slice(0, bad));
        }
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "append-not-found",
    "leaves an empty stream behind",
    class extends Breakable {
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        try {
          return await super.append(id, chunks, options);
        } catch (error) {
          if (StreamError.is(error, "NOT_FOUND") && chunks.length > 0) await this.create(id);
          throw error;
        }
      }
    },
  ),

  mutant(
    "append-not-active",
    "does not say that it was stopped",
    class extends Breakable {
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        try {
          return await super.append(id, chunks, options);
        } catch (error) {
          const stopped = StreamError.is(error, "NOT_ACTIVE") && error.state === "stopped";
          throw stopped && chunks.length > 0 ? new StreamError("NOT_ACTIVE", "ended") : error;
        }
      }
    },
  ),

  mutant(
    "append-fenced",
    "lets in who names no writer",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const { writer = chunks?.length > 0 ? this.streams.get(id)?.writer : undefined } = options;
        return super.append(id, chunks, { ...options, writer });
      }
    },
  ),

  mutant(
    "append-fenced",
    "compares writers without their case",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const mine = this.streams.get(id)?.writer;
        const given = options.writer;
        const alike = typeof given === "string" && given.toLowerCase() === mine?.toLowerCase();
        return super.append(id, chunks, alike ? { ...options, writer: mine } : options);
      }
    },
  ),

  mutant(
    "append-after",
    "stores wherever it stands",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const { after, ...rest } = options;
        return super.append(id, chunks, Number.isSafeInteger(after) ? rest : options);
      }
    },
  ),

  mutant(
    "append-after",
    "lets in what names a later seq",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const stands = this.streams.get(id)?.lastSeq ?? 0;
        const ahead = Number.isSafeInteger(options.after) && (options.after ?? 0) > stands;
        return super.append(id, chunks, ahead ? { ...options, after: stands } : options);
      }
    },
  ),

  mutant(
    "append-end",
    "ends in a second step",
    class extends Breakable {
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const { end } = options;
        if (end !== "done" || !Array.isArray(chunks) || chunks.length !== 2) {
          return super.append(id, chunks, options);
        }
        const seq = await super.append(id, chunks, { ...options, end: undefined });
        await this.complete(id);
        return seq;
      }
    },
  ),

  mutant(
    "append-end",
    "overlooks the end of an empty batch",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const overlooked = Array.isArray(chunks) && chunks.length === 0 && options.writer;
        return super.append(id, chunks, overlooked ? { ...options, end: undefined } : options);
      }
    },
  ),

  mutant(
    "append-chunk-grammar",
    "stores half a character as U+FFFD",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        return super.append(
          id,
          typeof chunks === "string" ? chunks.toWellFormed() : chunks,
          options,
        );
      }
    },
  ),

  mutant(
    "append-chunk-grammar",
    "makes strings of numbers",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        if (!Array.isArray(chunks)) return super.append(id, chunks, options);
        const texts = chunks.map((one: unknown) => (typeof one === "number" ? String(one) : one));
        return super.append(id, texts as string[], options);
      }
    },
  ),

  mutant(
    "append-chunk-grammar",
    "does not see the holes of a sparse array",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        return super.append(
          id,
          Array.isArray(chunks) ? chunks.filter(() => true) : chunks,
          options,
        );
      }
    },
  ),

  mutant(
    "heartbeat-silent",
    "resolves to 0",
    class extends Breakable {
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const seq = await super.append(id, chunks, options);
        return isBeat(chunks, options) ? 0 : seq;
      }
    },
  ),

  mutant(
    "heartbeat-silent",
    "stores an empty chunk",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const beat = isBeat(chunks, options);
        const begun = (this.streams.get(id)?.lastSeq ?? 0) > 0;
        return super.append(id, beat && begun && options.writer ? [""] : chunks, options);
      }
    },
  ),

  ...["NOT_FOUND", "FENCED", "NOT_ACTIVE"].map((code) =>
    mutant(
      "heartbeat-refused",
      `takes a heartbeat that is ${code}`,
      class extends Breakable {
        override async append(
          id: string,
          chunks: Chunks,
          options?: AppendOptions,
        ): Promise<number> {
          try {
            return await super.append(id, chunks, options);
          } catch (error) {
            const beat = isBeat(chunks, options);
            const lapsed = StreamError.is(error) && error.state === "error";
            if (beat && !lapsed && StreamError.is(error) && error.code === code) return 0;
            throw error;
          }
        }
      },
    ),
  ),

  mutant(
    "end-seals",
    "looks first, stores later",
    class extends Breakable {
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const record = this.streams.get(id);
        const simple = textsOf(chunks).length > 0 && !Object.values(options).some(Boolean);
        if (!record || !simple || !isOpen(record.status()))
          return super.append(id, chunks, options);
        const texts = [...textsOf(chunks)];
        await aMoment();
        if (isOpen(record.status())) return super.append(id, texts, options);
        record.chunks.push(...texts);
        return (record.lastSeq += texts.length);
      }
    },
  ),
];
