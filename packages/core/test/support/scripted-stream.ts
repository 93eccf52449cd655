import type { FollowedStream, StreamPage } from "../../src/store-kit/follow-stream.ts";
import type { StreamState } from "../../src/contracts/stream-store.ts";

/** A page of a script, in short. */
export function page(
  chunks: readonly string[],
  totalChunks: number,
  state: StreamState = "active",
  epoch = "e1",
): StreamPage {
  return { epoch, status: { state, totalChunks }, chunks };
}

/** What a script can answer to a `read`. */
export type Answer = StreamPage | null | Error | Promise<StreamPage | null>;

/** A stream whose reads answer by a script, and which counts what is asked of it. */
export class ScriptedStream implements FollowedStream {
  readonly cursors: number[] = [];
  readonly needs: boolean[] = [];
  readonly waits: StreamPage[] = [];
  closed = 0;
  readonly #script: Answer[];
  #wake: () => void = () => {};

  constructor(...script: Answer[]) {
    this.#script = script;
  }

  /** Ends a wait in `changed`. */
  wake(...answers: Answer[]): void {
    this.#script.push(...answers);
    this.#wake();
  }

  async read(afterSeq: number, needsChunks: boolean): Promise<StreamPage | null> {
    this.cursors.push(afterSeq);
    this.needs.push(needsChunks);
    const answer = this.#script.shift();
    if (answer === undefined) throw new Error("the script has no more pages");
    if (answer instanceof Error) throw answer;
    return answer;
  }

  changed(seen: StreamPage, signal: AbortSignal): Promise<void> {
    this.waits.push(seen);
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        signal.removeEventListener("abort", interrupt);
        resolve();
      };
      const interrupt = (): void => reject(new Error("the store was interrupted"));
      signal.addEventListener("abort", interrupt, { once: true });
    });
  }

  close(): void {
    this.closed++;
  }
}
