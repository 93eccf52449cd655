import { StreamError } from "@streambed/core/contracts";
import type { AppendOptions, StreamStatus } from "@streambed/core/contracts";
import { Breakable, isOpen, mutant } from "./mutant.ts";
import type { Chunks, Mutant } from "./mutant.ts";

export const endingMutants: readonly Mutant[] = [
  mutant(
    "end-first-counts",
    "lets a stop replace a done",
    class extends Breakable {
      readonly #completed = new WeakSet();
      readonly #stopped = new WeakSet();
      override async complete(id: string): Promise<void> {
        await super.complete(id);
        const record = this.streams.get(id);
        if (record?.status().state === "done") this.#completed.add(record);
      }
      override async stop(id: string): Promise<void> {
        await super.stop(id);
        const record = this.streams.get(id);
        if (record && this.#completed.has(record)) this.#stopped.add(record);
      }
      override async getStatus(id: string): Promise<StreamStatus | null> {
        const status = await super.getStatus(id);
        const record = this.streams.get(id);
        return status && record && this.#stopped.has(record)
          ? { ...status, state: "stopped" }
          : status;
      }
    },
  ),

  mutant(
    "end-first-counts",
    "refuses to complete what was stopped",
    class extends Breakable {
      override async complete(id: string): Promise<void> {
        if (this.streams.get(id)?.status().state === "stopped") {
          throw new StreamError("NOT_ACTIVE", "stopped", { state: "stopped" });
        }
        await super.complete(id);
      }
    },
  ),

  mutant(
    "end-not-found",
    "stops what is not there",
    class extends Breakable {
      override async stop(id: string): Promise<void> {
        await super.stop(id).catch((error: unknown) => {
          if (!StreamError.is(error, "NOT_FOUND")) throw error;
        });
      }
    },
  ),

  mutant(
    "end-not-found",
    "leaves a stream behind where it had nothing to fail",
    class extends Breakable {
      override async fail(id: string, text: string): Promise<void> {
        await super.fail(id, text).catch(async (error: unknown) => {
          if (StreamError.is(error, "NOT_FOUND")) await this.create(id);
          throw error;
        });
      }
    },
  ),

  mutant(
    "end-error-text",
    "trims the text",
    class extends Breakable {
      override fail(id: string, error: string): Promise<void> {
        return super.fail(id, typeof error === "string" ? error.trim() : error);
      }
    },
  ),

  mutant(
    "end-error-text",
    "has no empty text",
    class extends Breakable {
      override fail(id: string, error: string): Promise<void> {
        return super.fail(id, error === "" ? "unknown error" : error);
      }
    },
  ),

  mutant(
    "delete-forgets",
    "deletes only what is there",
    class extends Breakable {
      override async delete(id: string): Promise<void> {
        if ((await this.getStatus(id)) === null) throw new StreamError("NOT_FOUND", "not there");
        await super.delete(id);
      }
    },
  ),

  mutant(
    "delete-forgets",
    "keeps a stream that is being written",
    class extends Breakable {
      override async delete(id: string): Promise<void> {
        const status = await this.getStatus(id);
        if (isOpen(status) && this.streams.get(id)?.writer !== undefined) return;
        await super.delete(id);
      }
    },
  ),

  mutant(
    "delete-forgets",
    "remembers the last op",
    class extends Breakable {
      readonly #ops = new Map<string, string>();
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const { op } = options;
        if (op === "op-1" && this.#ops.get(id) === op && this.streams.get(id)?.lastSeq === 0)
          return 0;
        const seq = await super.append(id, chunks, options);
        if (op !== undefined && options.writer === "old") this.#ops.set(id, op);
        return seq;
      }
    },
  ),
];
