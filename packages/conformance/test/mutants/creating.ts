import { StreamError } from "@streambed/core/contracts";
import type { AppendOptions, CreateOptions } from "@streambed/core/contracts";
import { Breakable, isOpen, mutant } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

export const creatingMutants: readonly Mutant[] = [
  mutant(
    "create-one-winner",
    "looks first, creates later",
    class extends Breakable {
      override async create(id: string, options: CreateOptions = {}): Promise<void> {
        if (await this.getStatus(id)) return super.create(id, options);
        await Promise.resolve();
        const standing = this.streams.get(id);
        if (standing && standing.writer !== options.writer) await this.delete(id);
        if (standing && options.writer === undefined) await this.delete(id);
        await super.create(id, options);
      }
    },
  ),

  mutant(
    "create-one-winner",
    "frees the id of a stream that has ended",
    class extends Breakable {
      override async create(id: string, options: CreateOptions = {}): Promise<void> {
        const standing = this.streams.get(id);
        const ended = standing && standing.status().state !== "active";
        if (ended && options.writer !== standing.writer) await this.delete(id);
        await super.create(id, options);
      }
    },
  ),

  mutant(
    "create-same-writer",
    "refuses the writer that stands",
    class extends Breakable {
      override async create(id: string, options?: CreateOptions): Promise<void> {
        if (this.streams.has(id)) throw new StreamError("ALREADY_EXISTS", "taken");
        await super.create(id, options);
      }
    },
  ),

  mutant(
    "create-same-writer",
    "starts anew for the writer that stands",
    class extends Breakable {
      override async create(id: string, options: CreateOptions = {}): Promise<void> {
        const standing = this.streams.get(id);
        const same = options.writer !== undefined && standing?.writer === options.writer;
        if (same && isOpen(standing.status())) await this.delete(id);
        await super.create(id, options);
      }
    },
  ),

  mutant(
    "create-same-writer",
    "takes the lease of the second call",
    class extends Breakable {
      override async create(id: string, options: CreateOptions = {}): Promise<void> {
        const standing = this.streams.get(id);
        if (standing && options.leaseMs && standing.writer === options.writer)
          await this.delete(id);
        await super.create(id, options);
      }
    },
  ),

  mutant(
    "create-open",
    "fences all but the first who appends",
    class extends Breakable {
      readonly #owners = new Map<unknown, string>();
      override async append(
        id: string,
        chunks: string | readonly string[],
        options: AppendOptions = {},
      ): Promise<number> {
        const record = this.streams.get(id);
        const { writer, end } = options;
        const named = typeof writer === "string" && /^[\w-]+$/.test(writer);
        if (record?.writer === undefined && named && chunks.length > 0 && !end) {
          const owner = this.#owners.get(record) ?? writer;
          this.#owners.set(record, owner);
          if (record && isOpen(record.status()) && owner !== writer) {
            throw new StreamError("FENCED", "another was first");
          }
        }
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "id-grammar",
    "overlooks a newline at the end",
    class extends Breakable {
      override create(id: string, options?: CreateOptions): Promise<void> {
        return super.create(typeof id === "string" ? id.replace(/\n$/, "") : id, options);
      }
    },
  ),

  mutant(
    "id-grammar",
    "makes strings of other things",
    class extends Breakable {
      override stop(id: string): Promise<void> {
        return Array.isArray(id) ? super.stop(String(id)) : super.stop(id);
      }
    },
  ),

  mutant(
    "id-grammar",
    "keeps streams in a plain object",
    class extends Breakable {
      override async create(id: string, options?: CreateOptions): Promise<void> {
        if (typeof id === "string" && id in {}) throw new StreamError("ALREADY_EXISTS", "taken");
        await super.create(id, options);
      }
    },
  ),

  mutant(
    "option-range",
    "takes an empty writer for none",
    class extends Breakable {
      override create(id: string, options?: CreateOptions): Promise<void> {
        return super.create(id, { ...options, writer: options?.writer || undefined });
      }
    },
  ),

  mutant(
    "option-range",
    "does arithmetic with a lease that is a string",
    class extends Breakable {
      override create(id: string, options?: CreateOptions): Promise<void> {
        const lease: unknown = options?.leaseMs;
        return super.create(id, {
          ...options,
          leaseMs: typeof lease === "string" ? Number(lease) : options?.leaseMs,
        });
      }
    },
  ),

  mutant(
    "option-range",
    "reads an end that it does not know as none",
    class extends Breakable {
      override append(
        id: string,
        chunks: string | readonly string[],
        options: AppendOptions = {},
      ): Promise<number> {
        const known = options.end === "done" || typeof options.end === "object";
        return super.append(id, chunks, known ? options : { ...options, end: undefined });
      }
    },
  ),
];
