import {
  activeStreamsConformance,
  conversationStoreConformance,
  streamStoreConformance,
} from "@streambed/conformance";
import { MemoryActiveStreams, MemoryConversationStore, MemoryStreamStore } from "@streambed/memory";

class ForgetfulStore extends MemoryStreamStore {
  loseChunk(id: string): void {
    this.streams.get(id)?.chunks.pop();
  }
}

streamStoreConformance("MemoryStreamStore", {
  create: (options) => new ForgetfulStore(options),
  createPeer: (store) => store,
  loseChunk: (store, id) => store.loseChunk(id),
});

activeStreamsConformance("MemoryActiveStreams", {
  create: (options) => new MemoryActiveStreams(options),
  createPeer: (store) => store,
});

class OpenStore extends MemoryConversationStore {
  peek(id: string): string | null {
    return this.conversations.find(id)?.json ?? null;
  }

  plant(id: string, json: string): void {
    this.conversations.put(id, { json, expiresAt: Infinity });
  }
}

conversationStoreConformance("MemoryConversationStore", {
  create: (options) => new OpenStore(options),
  createPeer: (store) => store,
  peek: (store, id) => store.peek(id),
  plant: (store, id, text) => store.plant(id, text),
});
