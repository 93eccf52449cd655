import { StreamError } from "@streambed/core/contracts";
import type { SetActiveOptions } from "@streambed/core/contracts";
import { BreakablePointers, activeMutant } from "./active-mutant.ts";
import type { ActiveMutant } from "./active-mutant.ts";
import { aMoment } from "./mutant.ts";

export const settingMutants: readonly ActiveMutant[] = [
  activeMutant(
    "active-one-winner",
    "looks first and sets later",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const isFree = options?.instead === undefined && (await this.get(chat)) === null;
        await Promise.resolve();
        if (isFree && this.standing(chat) !== id) this.pointers.delete(chat);
        return super.set(chat, id, options);
      }
    },
  ),

  activeMutant(
    "active-one-winner",
    "tells all who come at once that they have won",
    class extends BreakablePointers {
      readonly #setNow = new Set<string>();
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const standing = await super.set(chat, id, options);
        if (standing === id && options?.instead === undefined) {
          this.#setNow.add(chat);
          await aMoment();
          this.#setNow.delete(chat);
        }
        return this.#setNow.has(chat) ? id : standing;
      }
    },
  ),

  activeMutant(
    "active-taken",
    "renews the time of the stream that stands",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const pointer = this.pointers.get(chat);
        const standing = await super.set(chat, id, options);
        const { ttlSec = 60 } = options ?? {};
        if (pointer && standing !== id) pointer.expiresAt = performance.now() + ttlSec * 1000;
        return standing;
      }
    },
  ),

  activeMutant(
    "active-taken",
    "gives way to who asks again",
    class extends BreakablePointers {
      readonly #asked = new Set<string>();
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const standing = await super.set(chat, id, options);
        if (standing === id || options?.instead !== undefined) return standing;
        const isAgain = this.#asked.has(`${chat} ${id}`);
        this.#asked.add(`${chat} ${id}`);
        return isAgain ? super.set(chat, id, { ...options, instead: standing }) : standing;
      }
    },
  ),

  activeMutant(
    "active-same-again",
    "refuses the id that stands",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        if (id && this.standing(chat) === id) throw new StreamError("ALREADY_EXISTS", "it stands");
        return super.set(chat, id, options);
      }
    },
  ),

  activeMutant(
    "active-same-again",
    "does not renew the time",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const standing = await this.get(chat);
        return id && standing === id ? id : super.set(chat, id, options);
      }
    },
  ),

  activeMutant(
    "active-same-again",
    "does not know again what it put instead of another",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const { instead = id } = options ?? {};
        const isAgain = this.standing(chat) === id && instead !== id;
        return isAgain ? instead : super.set(chat, id, options);
      }
    },
  ),

  activeMutant(
    "active-instead",
    "tells all who replace at once that they have",
    class extends BreakablePointers {
      readonly #setNow = new Set<string>();
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const standing = await super.set(chat, id, options);
        if (standing === id && options?.instead !== undefined) {
          this.#setNow.add(chat);
          await aMoment();
          this.#setNow.delete(chat);
        }
        return this.#setNow.has(chat) ? id : standing;
      }
    },
  ),

  activeMutant(
    "active-instead",
    "compares the first letters only",
    class extends BreakablePointers {
      override set(chat: string, id: string, options: SetActiveOptions = {}): Promise<string> {
        const standing = this.standing(chat);
        const { instead } = options;
        const isAlike = typeof instead === "string" && instead && standing?.startsWith(instead);
        return super.set(chat, id, isAlike ? { ...options, instead: standing } : options);
      }
    },
  ),

  activeMutant(
    "active-instead",
    "wants something to replace",
    class extends BreakablePointers {
      override async set(chat: string, id: string, options?: SetActiveOptions): Promise<string> {
        const isMissing = this.standing(chat) === undefined && options?.instead === "gone";
        return isMissing ? "gone" : super.set(chat, id, options);
      }
    },
  ),
];
