export type { StreamStoreCase } from "./stream-store/define-case.ts";
export type { Deviation, StoreOptions, StreamStoreHarness } from "./stream-store/harness.ts";
export { streamStoreCases } from "./stream-store/stream-store-cases.ts";
export {
  runStreamStoreCase,
  streamStoreConformance,
} from "./stream-store/stream-store-conformance.ts";
