import type { RedisScript, ScriptRunner } from "@streambed/redis-driver";
import { foreign } from "./active-backend.ts";
import type { ActiveBackend, NewPointer } from "./active-backend.ts";
import { REPLY, toStreamError } from "./reply-codes.ts";
import { activeClearScript, activeGetScript, activeSetScript } from "./scripts.generated.ts";

/** A String that holds the stream's id, and one script an operation. */
export class ScriptActiveBackend implements ActiveBackend {
  readonly #run: ScriptRunner;

  constructor(run: ScriptRunner) {
    this.#run = run;
  }

  async get(key: string): Promise<string | null> {
    return this.#send(key, activeGetScript, []);
  }

  async set(key: string, { streamId, instead = "", ttlSec }: NewPointer): Promise<string> {
    const standing = await this.#send(key, activeSetScript, [streamId, instead, String(ttlSec)]);
    return standing ?? streamId;
  }

  async clear(key: string, streamId: string): Promise<void> {
    await this.#send(key, activeClearScript, [streamId]);
  }

  /** Resolves to the id in the reply, if there is one. */
  async #send(key: string, script: RedisScript, args: string[]): Promise<string | null> {
    const [code = 0, id = null] = await this.#run(script, [key], args);
    if (code === REPLY.OK) return id as string | null;
    throw code === REPLY.FOREIGN ? foreign(key) : toStreamError(key, [code]);
  }
}
