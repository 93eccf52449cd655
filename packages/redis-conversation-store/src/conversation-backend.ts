import { StreamError } from "@streambed/core/contracts";
import type { ConversationWrite, StoredJson } from "@streambed/core/store-kit";

/** How a conversation is kept under its key, with scripts or without. */
export interface ConversationBackend {
  /** @throws StreamError `UNSUPPORTED` if the key is of another type */
  read(key: string): Promise<StoredJson | null>;
  /** A save as a function to be called again until it gets through. It resolves as `StoredConversations.write`. */
  toWrite(key: string, write: ConversationWrite): () => Promise<string | null>;
  toRemove(key: string): () => Promise<void>;
}

/** What the key holds is not ours, and stays as it is. */
export function foreign(key: string, cause?: unknown): StreamError {
  return new StreamError("UNSUPPORTED", `the key ${key} holds something that is no conversation`, {
    cause,
  });
}
