import type { ActiveStreams, SetActiveOptions } from "@streambed/core/contracts";
import {
  assertChatId,
  assertPositiveInteger,
  assertSetActiveOptions,
  assertStreamId,
} from "@streambed/core/store-kit";
import { ExpiringMap } from "./expiring-map.ts";

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
  protected readonly pointers: ExpiringMap<Pointer> = new ExpiringMap();
  readonly #ttlSec: number;

  /** @throws StreamError `INVALID_OPTION` */
  constructor(options: MemoryActiveStreamsOptions = {}) {
    assertPositiveInteger("ttlSec", options.ttlSec);
    this.#ttlSec = options.ttlSec ?? 86_400;
  }

  async get(chatId: string): Promise<string | null> {
    assertChatId(chatId);
    return this.pointers.find(chatId)?.streamId ?? null;
  }

  async set(chatId: string, streamId: string, options: SetActiveOptions = {}): Promise<string> {
    assertChatId(chatId);
    assertStreamId(streamId);
    assertSetActiveOptions(options);
    const { instead, ttlSec = this.#ttlSec } = options;
    const standing = this.pointers.find(chatId)?.streamId;
    if (standing !== undefined && standing !== streamId && standing !== instead) return standing;
    this.pointers.put(chatId, { streamId, expiresAt: performance.now() + ttlSec * 1000 });
    return streamId;
  }

  async clear(chatId: string, streamId: string): Promise<void> {
    assertChatId(chatId);
    assertStreamId(streamId);
    if (this.pointers.find(chatId)?.streamId === streamId) this.pointers.delete(chatId);
  }
}
