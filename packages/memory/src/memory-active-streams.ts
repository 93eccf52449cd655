import type { ActiveStreams, SetActiveOptions } from "@streambed/core/contracts";
import {
  assertChatId,
  assertPositiveInteger,
  assertSetActiveOptions,
  assertStreamId,
} from "@streambed/core/store-kit";

export interface MemoryActiveStreamsOptions {
  /** How long a pointer is kept, in seconds. @default 86_400 */
  ttlSec?: number | undefined;
}

interface Pointer {
  streamId: string;
  /** On the monotonic clock. */
  expiresAt: number;
}

/** Which stream answers a chat, in this process's memory. Every method runs to its end without giving way. */
export class MemoryActiveStreams implements ActiveStreams {
  protected readonly pointers: Map<string, Pointer> = new Map();
  readonly #ttlSec: number;
  #sweeper: MapIterator<[string, Pointer]> = this.pointers.entries();

  /** @throws StreamError `INVALID_OPTION` */
  constructor(options: MemoryActiveStreamsOptions = {}) {
    assertPositiveInteger("ttlSec", options.ttlSec);
    this.#ttlSec = options.ttlSec ?? 86_400;
  }

  async get(chatId: string): Promise<string | null> {
    assertChatId(chatId);
    return this.#find(chatId);
  }

  async set(chatId: string, streamId: string, options: SetActiveOptions = {}): Promise<string> {
    assertChatId(chatId);
    assertStreamId(streamId);
    assertSetActiveOptions(options);
    const { instead, ttlSec = this.#ttlSec } = options;
    const standing = this.#find(chatId);
    if (standing !== null && standing !== streamId && standing !== instead) return standing;
    if (standing === null) this.#sweep();
    this.pointers.set(chatId, { streamId, expiresAt: performance.now() + ttlSec * 1000 });
    return streamId;
  }

  async clear(chatId: string, streamId: string): Promise<void> {
    assertChatId(chatId);
    assertStreamId(streamId);
    if (this.#find(chatId) === streamId) this.pointers.delete(chatId);
  }

  #find(chatId: string): string | null {
    const pointer = this.pointers.get(chatId);
    if (pointer === undefined || this.#drop(chatId, pointer)) return null;
    return pointer.streamId;
  }

  /** Looks at two pointers for each one that is added, so those whose time is over never pile up. No timer. */
  #sweep(): void {
    for (let looks = 0; looks < 2; looks++) {
      const { done, value } = this.#sweeper.next();
      if (done) this.#sweeper = this.pointers.entries();
      else this.#drop(...value);
    }
  }

  /** Forgets the pointer if its time is over. */
  #drop(chatId: string, { expiresAt }: Pointer): boolean {
    return performance.now() >= expiresAt && this.pointers.delete(chatId);
  }
}
