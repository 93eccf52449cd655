/** A client that is this adapter's own, to open and to close. */
export interface OwnClient {
  open(): Promise<void>;
  /** Resolves when what is under way is answered: for ever in coming where the server is silent. */
  settle(): Promise<unknown>;
  /** At once, whatever is under way; it may be opened again afterwards. */
  close(): Promise<void>;
}
