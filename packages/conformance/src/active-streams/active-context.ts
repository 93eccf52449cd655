import type { ActiveStreams } from "@streambed/core/contracts";
import type { ContractCase } from "../suite/contract-case.ts";
import { OpenedStores } from "../suite/store-harness.ts";
import type { StorePair } from "../suite/store-harness.ts";
import type { ActiveStreamsHarness, ActiveStreamsOptions } from "./harness.ts";

/** One promise of the contract of active streams. */
export type ActiveStreamsCase = ContractCase<ActiveContext>;

/** A chat that nobody has used, and two ways to its pointer. */
export interface ActiveFixture extends StorePair<ActiveStreams> {
  chat: string;
}

/** What one run of a case works with; `close` takes all of it down again. */
export class ActiveContext {
  readonly #stores: OpenedStores<ActiveStreams, ActiveStreamsOptions>;

  constructor(harness: ActiveStreamsHarness) {
    this.#stores = new OpenedStores(harness);
  }

  /** The id of a chat that nobody has used. */
  chat(): string {
    return `conformance-${crypto.randomUUID()}`;
  }

  stores(options?: ActiveStreamsOptions): Promise<StorePair<ActiveStreams>> {
    return this.#stores.open(options);
  }

  async fixture(options?: ActiveStreamsOptions): Promise<ActiveFixture> {
    return { ...(await this.stores(options)), chat: this.chat() };
  }

  close(): Promise<void> {
    return this.#stores.close();
  }
}
