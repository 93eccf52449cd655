import { activeStreamsConformance, streamStoreConformance } from "@streambed/conformance";
import { MemoryActiveStreams, MemoryStreamStore } from "@streambed/memory";

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
