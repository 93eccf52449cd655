/** How a suite gets at the stores under test. */
export interface StoreHarness<Store, Options> {
  /** A new store, on storage that it may share with other tests: ids are random. */
  create(options?: Options): Store | Promise<Store>;
  /**
   * Another store object on the storage of `store`, as another process would have it: its own
   * connection, the same data. Where there can be no such thing (memory), `store` itself.
   */
  createPeer(store: Store, options?: Options): Store | Promise<Store>;
  /** Called once for each object that `create` and `createPeer` returned, the youngest first. */
  destroy?(store: Store): void | Promise<void>;
  /** Promises that this store is known not to keep. Each must fail: once fixed, its entry has to go. */
  deviations?: readonly Deviation[] | undefined;
}

export interface Deviation {
  /** Id of an `INVARIANT` line of the contract. */
  invariant: string;
  /** Title of the one case that fails; the others of the invariant hold. @default all of them count as one */
  case?: string | undefined;
  /** Why, in words for the store's README. */
  reason: string;
}

/** Two ways to the same storage. */
export interface StorePair<Store> {
  store: Store;
  peer: Store;
}

/** The stores of one run of a case. */
export class OpenedStores<Store, Options> {
  readonly #harness: StoreHarness<Store, Options>;
  readonly #opened: Set<Store> = new Set();

  constructor(harness: StoreHarness<Store, Options>) {
    this.#harness = harness;
  }

  async open(options?: Options): Promise<StorePair<Store>> {
    const store = await this.#harness.create(options);
    this.#opened.add(store);
    const peer = await this.#harness.createPeer(store, options);
    this.#opened.add(peer);
    return { store, peer };
  }

  async close(): Promise<void> {
    for (const store of [...this.#opened].reverse()) await this.#harness.destroy?.(store);
  }
}
