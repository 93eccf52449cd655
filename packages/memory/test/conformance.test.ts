import { streamStoreConformance } from "@streambed/conformance";
import { MemoryStreamStore } from "@streambed/memory";

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
