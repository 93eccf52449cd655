export type { ActiveStreamsCase } from "./active-streams/active-context.ts";
export { activeStreamsCases } from "./active-streams/active-streams-cases.ts";
export {
  activeStreamsConformance,
  runActiveStreamsCase,
} from "./active-streams/active-streams-conformance.ts";
export type { ActiveStreamsHarness, ActiveStreamsOptions } from "./active-streams/harness.ts";
export type { ConversationStoreCase } from "./conversation-store/conversation-context.ts";
export { conversationStoreCases } from "./conversation-store/conversation-store-cases.ts";
export {
  conversationStoreConformance,
  runConversationStoreCase,
} from "./conversation-store/conversation-store-conformance.ts";
export type {
  ConversationStoreHarness,
  ConversationStoreOptions,
} from "./conversation-store/harness.ts";
export type { Place, StateAdapterHarness } from "./state-adapter/harness.ts";
export { stateAdapterCases } from "./state-adapter/state-adapter-cases.ts";
export {
  runStateAdapterCase,
  stateAdapterConformance,
} from "./state-adapter/state-adapter-conformance.ts";
export type { StateAdapterContract } from "./state-adapter/state-adapter-contract.ts";
export type { StateAdapterCase } from "./state-adapter/state-context.ts";
export type { StreamStoreCase } from "./stream-store/define-case.ts";
export type { StoreOptions, StreamStoreHarness } from "./stream-store/harness.ts";
export { streamStoreCases } from "./stream-store/stream-store-cases.ts";
export {
  runStreamStoreCase,
  streamStoreConformance,
} from "./stream-store/stream-store-conformance.ts";
export type { ContractCase } from "./suite/contract-case.ts";
export type { Deviation, StoreHarness } from "./suite/store-harness.ts";
