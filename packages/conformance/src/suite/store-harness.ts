/** How the cases of a store are run. */
export interface StoreTraits {
  /**
   * Whether cases may run side by side: for stores that wait for a server more than they compute. Those
   * that wait for time to pass always do. @default false
   */
  sideBySide?: boolean | undefined;
  /** How much longer than usual a case may take, as a factor: for a store at the other end of a network. @default 1 */
  patience?: number | undefined;
  /** Promises that this store is known not to keep. Each must fail: once fixed, its entry has to go. */
  deviations?: readonly Deviation[] | undefined;
}

/** How a suite gets at the stores under test. */
export interface StoreHarness<Store, Options> extends StoreTraits {
  /** A new store, on storage that it may share with other tests: ids are random. */
  create(options?: Options): Store | Promise<Store>;
  /**
   * Another store object on the storage of `store`, as another process would have it: its own
   * connection, the same data. Where there can be no such thing (memory), `store` itself.
   */
  createPeer(store: Store, options?: Options): Store | Promise<Store>;
  /** Called once for each object that `create` and `createPeer` returned, the youngest first. */
  destroy?(store: Store): void | Promise<void>;
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
