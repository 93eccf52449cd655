import { StreamError } from "@streambed/core/contracts";
import type { ConversationWrite, StoredJson } from "@streambed/core/store-kit";
import type { RedisScript, ScriptReply, ScriptRunner } from "@streambed/redis-driver";
import { foreign } from "./conversation-backend.ts";
import type { ConversationBackend } from "./conversation-backend.ts";
import { deleteScript, loadScript, saveScript } from "./scripts.generated.ts";

/** The first element of every script's reply (lua/lib/conversation.lua). */
const REPLY = { OK: 1, CONFLICT: -1, FOREIGN: -2 };

/** One script an operation: one round trip, atomic. A revision is the sha1 that the server works out. */
export class ScriptBackend implements ConversationBackend {
  readonly #run: ScriptRunner;
  readonly #ttl: string;

  constructor(run: ScriptRunner, ttlSec: number) {
    this.#run = run;
    this.#ttl = String(ttlSec);
  }

  async read(key: string): Promise<StoredJson | null> {
    const [, json, revision] = await this.#send(key, loadScript);
    return json === undefined ? null : { json: json as string, revision: revision as string };
  }

  toWrite(key: string, write: ConversationWrite): () => Promise<string | null> {
    const { json, builtOn = "any", brings = "" } = write;
    const args = [json, builtOn ?? "", brings, this.#ttl];
    return async () => {
      const [code, revision] = await this.#send(key, saveScript, args);
      return code === REPLY.CONFLICT ? null : (revision as string);
    };
  }

  toRemove(key: string): () => Promise<void> {
    return async () => void (await this.#send(key, deleteScript));
  }

  async #send(key: string, script: RedisScript, args: string[] = []): Promise<ScriptReply> {
    const reply = await this.#run(script, [key], args);
    const [code] = reply;
    if (code === REPLY.FOREIGN) throw foreign(key);
    if (code === REPLY.OK || code === REPLY.CONFLICT) return reply;
    const message = `a script replied ${String(code)}: is this its server?`;
    throw new StreamError("UNSUPPORTED", message);
  }
}
