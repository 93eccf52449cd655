import type { StatementSync } from "node:sqlite";
import type { AnyMessage, ConversationMessage } from "@streambed/core/conversation";
import { assertPositiveInteger, judgeWrite, StoredConversations } from "@streambed/core/store-kit";
import type { ConversationLimits, ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import { SqliteFile } from "./sqlite-file.ts";

/** How many conversations a save drops whose time is over: more than it can add. */
const SWEEP_CONVERSATIONS = 8;

export interface SqliteConversationStoreOptions extends ConversationLimits {
  /** How long a conversation is kept after its last save, in seconds. @default 1800 */
  ttlSec?: number | undefined;
  /** How long a call waits for another process's lock before it is `UNAVAILABLE`. @default 5000 */
  timeoutMs?: number | undefined;
}

/**
 * Conversations in a SQLite file: a stream store's, or one of its own.
 *
 * Each load and each save is one transaction, on the machine's wall clock.
 */
export class SqliteConversationStore<
  M extends AnyMessage = ConversationMessage,
> extends StoredConversations<M> {
  readonly #file: SqliteFile;
  readonly #ttlSec: number;
  readonly #find: StatementSync;
  readonly #save: StatementSync;
  readonly #delete: StatementSync;
  readonly #sweep: StatementSync;

  /**
   * Opens the file, and creates it if there is none; its directory must exist.
   *
   * @throws StreamError `INVALID_OPTION`, `UNAVAILABLE` (the file cannot be opened, or is no database),
   * `UNSUPPORTED` (it is another application's, or of a later version)
   */
  constructor(path: string, options: SqliteConversationStoreOptions = {}) {
    super(options);
    assertPositiveInteger("ttlSec", options.ttlSec);
    assertPositiveInteger("timeoutMs", options.timeoutMs);
    const { ttlSec = 1800, timeoutMs = 5000 } = options;
    this.#ttlSec = ttlSec;
    this.#file = new SqliteFile(path, timeoutMs);
    this.#find = this.#file.prepare(
      "SELECT json FROM conversation WHERE id = ? AND expires_at > ?",
    );
    this.#save = this.#file.prepare(
      `INSERT INTO conversation (id, json, expires_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET json = excluded.json, expires_at = excluded.expires_at`,
    );
    this.#delete = this.#file.prepare("DELETE FROM conversation WHERE id = ?");
    this.#sweep = this.#file.prepare(
      `DELETE FROM conversation WHERE rowid IN
         (SELECT rowid FROM conversation WHERE expires_at <= ? ORDER BY expires_at LIMIT ${SWEEP_CONVERSATIONS})`,
    );
  }

  /** Closes the file. Every later call fails with `UNAVAILABLE`. */
  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected override async read(id: string): Promise<StoredJson | null> {
    const json = await this.#file.read(() => this.#stored(id, Date.now()));
    return json === null ? null : { json, revision: json };
  }

  protected override async write(id: string, write: ConversationWrite): Promise<string | null> {
    const { json } = write;
    return this.#file.write(() => {
      const now = Date.now();
      const judgement = judgeWrite(this.#stored(id, now), write);
      if (judgement === "make") {
        this.#sweep.run(now);
        this.#save.run(id, json, now + this.#ttlSec * 1000);
      }
      return judgement === "conflict" ? null : json;
    });
  }

  protected override async remove(id: string): Promise<void> {
    await this.#file.write(() => void this.#delete.run(id));
  }

  #stored(id: string, now: number): string | null {
    const row = this.#find.get(id, now) as { json: string } | undefined;
    return row?.json ?? null;
  }
}
