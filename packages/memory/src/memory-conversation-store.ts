import type { AnyMessage, ConversationMessage } from "@streambed/core/conversation";
import { assertPositiveInteger, judgeWrite, StoredConversations } from "@streambed/core/store-kit";
import type { ConversationLimits, ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import { ExpiringMap } from "./expiring-map.ts";

export interface MemoryConversationStoreOptions extends ConversationLimits {
  /** How long a conversation is kept after its last save, in seconds. @default 1800 */
  ttlSec?: number | undefined;
}

interface StoredConversation {
  json: string;
  /** On the monotonic clock. */
  expiresAt: number;
}

/**
 * Conversations in this process's memory, as the JSON that other stores keep. Everything is gone with the
 * process.
 *
 * `read`, `write` and `remove` run to their end without giving way, so each is atomic for free.
 */
export class MemoryConversationStore<
  M extends AnyMessage = ConversationMessage,
> extends StoredConversations<M> {
  protected readonly conversations: ExpiringMap<StoredConversation> = new ExpiringMap();
  readonly #ttlSec: number;

  /** @throws StreamError `INVALID_OPTION` */
  constructor(options: MemoryConversationStoreOptions = {}) {
    super(options);
    assertPositiveInteger("ttlSec", options.ttlSec);
    this.#ttlSec = options.ttlSec ?? 1800;
  }

  protected override async read(id: string): Promise<StoredJson | null> {
    const json = this.conversations.find(id)?.json;
    return json === undefined ? null : { json, revision: json };
  }

  protected override async write(id: string, write: ConversationWrite): Promise<string | null> {
    const { json } = write;
    const judgement = judgeWrite(this.conversations.find(id)?.json ?? null, write);
    if (judgement === "make") {
      this.conversations.put(id, { json, expiresAt: performance.now() + this.#ttlSec * 1000 });
    }
    return judgement === "conflict" ? null : json;
  }

  protected override async remove(id: string): Promise<void> {
    this.conversations.delete(id);
  }
}
