import { StreamError } from "@streambed/core/contracts";
import type { SetActiveOptions } from "@streambed/core/contracts";
import type { MemoryActiveStreamsOptions } from "../../../memory/src/index.ts";
import { BreakablePointers, activeMutant } from "./active-mutant.ts";
import type { ActiveMutant } from "./active-mutant.ts";
import { aMoment } from "./mutant.ts";

export const keepingMutants: readonly ActiveMutant[] = [
  activeMutant(
    "active-get",
    "does not tell capitals from small letters in a chat's id",
    class extends BreakablePointers {
      override get(chat: string): Promise<string | null> {
        return super.get(small(chat));
      }
      override set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        return super.set(small(chat), id, options);
      }
      override clear(chat: string, id: string): Promise<void> {
        return super.clear(small(chat), id);
      }
    },
  ),

  activeMutant(
    "active-get",
    "goes on with what it has seen, whatever another process does",
    class Cache extends BreakablePointers {
      readonly #seen = new Map<string, string>();
      override createPeer(): BreakablePointers {
        return Object.assign(new Cache(), { pointers: this.pointers });
      }
      override async get(chat: string): Promise<string | null> {
        const found = await super.get(chat);
        // It notices what is gone: that is another promise.
        if (found === null) this.#seen.delete(chat);
        else if (!this.#seen.has(chat)) this.#seen.set(chat, found);
        return this.#seen.get(chat) ?? null;
      }
      override set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        this.#seen.delete(chat);
        return super.set(chat, id, options);
      }
    },
  ),

  activeMutant(
    "active-get",
    "takes an id that looks like a number for one",
    class extends BreakablePointers {
      override async get(chat: string): Promise<string | null> {
        const id = await super.get(chat);
        return id !== null && /^\d+e\d+$/.test(id) ? String(Number(id)) : id;
      }
    },
  ),

  activeMutant(
    "active-id-grammar",
    "overlooks a newline at the end",
    class extends BreakablePointers {
      override set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        return super.set(chat, typeof id === "string" ? id.replace(/\n$/, "") : id, options);
      }
    },
  ),

  activeMutant(
    "active-id-grammar",
    "makes strings of other things",
    class extends BreakablePointers {
      override clear(chat: string, id: string): Promise<void> {
        return super.clear(Array.isArray(chat) ? String(chat) : chat, id);
      }
    },
  ),

  activeMutant(
    "active-option-range",
    "takes null for none",
    class extends BreakablePointers {
      override set(chat: string, id: string, options: SetActiveOptions = {}): Promise<string> {
        return super.set(chat, id, { ...options, instead: options.instead ?? undefined });
      }
    },
  ),

  activeMutant(
    "active-option-range",
    "makes do with a ttlSec of 0",
    class extends BreakablePointers {
      constructor(options?: MemoryActiveStreamsOptions) {
        super({ ttlSec: options?.ttlSec === 0 ? undefined : options?.ttlSec });
      }
    },
  ),

  activeMutant(
    "active-expiry",
    "keeps what is looked at",
    class extends BreakablePointers {
      override async get(chat: string): Promise<string | null> {
        const pointer = this.pointers.get(chat);
        const id = await super.get(chat);
        // Not what a case of another promise looks at once.
        if (id !== null && pointer && pointer.expiresAt - performance.now() < 700) {
          pointer.expiresAt += 300;
        }
        return id;
      }
    },
  ),

  activeMutant(
    "active-expiry",
    "does not read its own ttlSec",
    class extends BreakablePointers {
      constructor(options?: MemoryActiveStreamsOptions) {
        super(options?.ttlSec === 1 ? {} : options);
      }
    },
  ),

  activeMutant(
    "active-expiry",
    "does not free the chat",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const pointer = this.pointers.get(chat);
        const isOver = pointer && performance.now() >= pointer.expiresAt;
        return isOver ? pointer.streamId : super.set(chat, id, options);
      }
      override async get(chat: string): Promise<string | null> {
        const pointer = this.pointers.get(chat);
        const id = await super.get(chat);
        if (pointer && id === null) this.pointers.set(chat, pointer);
        return id;
      }
    },
  ),

  activeMutant(
    "active-clear",
    "keeps the chat for the stream that it had",
    class extends BreakablePointers {
      readonly #had = new Map<string, string>();
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const had = this.#had.get(chat);
        const isKept = had !== undefined && had !== id && options?.instead === undefined;
        return isKept && this.standing(chat) === undefined ? had : super.set(chat, id, options);
      }
      override async clear(chat: string, id: string): Promise<void> {
        const isMeant = this.standing(chat) === id;
        await super.clear(chat, id);
        if (isMeant) this.#had.set(chat, id);
      }
    },
  ),

  activeMutant(
    "active-clear",
    "leaves what has replaced another",
    class extends BreakablePointers {
      readonly #replaced = new Set<string>();
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const before = this.standing(chat);
        const standing = await super.set(chat, id, options);
        if (before !== undefined && standing !== before) this.#replaced.add(`${chat} ${standing}`);
        return standing;
      }
      override async clear(chat: string, id: string): Promise<void> {
        if (id === "next" && this.#replaced.has(`${chat} ${id}`)) return;
        await super.clear(chat, id);
      }
    },
  ),

  activeMutant(
    "active-clear-compares",
    "clears whatever stands",
    class extends BreakablePointers {
      override async clear(chat: string, id: string): Promise<void> {
        const standing = await this.get(chat);
        // Where something is to expire, another promise is tested.
        const isBrief = (this.pointers.get(chat)?.expiresAt ?? 0) - performance.now() < 1500;
        await super.clear(chat, isBrief ? id : (standing ?? id));
      }
    },
  ),

  activeMutant(
    "active-clear-compares",
    "looks first and clears later",
    class extends BreakablePointers {
      override async clear(chat: string, id: string): Promise<void> {
        const pointer = this.pointers.get(chat);
        await aMoment();
        await super.clear(chat, id);
        if (pointer && pointer.streamId === id) this.pointers.delete(chat);
      }
    },
  ),

  activeMutant(
    "active-clear-compares",
    "refuses to clear what is not there",
    class extends BreakablePointers {
      override async clear(chat: string, id: string): Promise<void> {
        const isFree = (await this.get(chat)) === null;
        await super.clear(chat, id);
        if (isFree) throw new StreamError("NOT_FOUND", "nothing to clear");
      }
    },
  ),
];

function small(text: string): string {
  return typeof text === "string" ? text.toLowerCase() : text;
}
