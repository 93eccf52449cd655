import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { StreamChunk, StreamStatus, StreamStore } from "@streambed/core/contracts";

type Call =
  | Exclude<keyof StreamStore, "readFrom">
  | "read"
  | "hammer"
  | "openAt"
  | "release"
  | "setActive"
  | "say";

export interface ToPeer {
  call: Call;
  key: number;
  args: unknown[];
}

export type FromPeer =
  | { kind: "started" }
  | { kind: "chunk"; key: number; chunk: StreamChunk }
  | { kind: "settled"; key: number; value?: unknown; error?: { code: string; message: string } };

const peers: Peer[] = [];

afterAll(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.kill()));
});

/** A store in another process, which opens the file with the first call. */
export class Peer {
  readonly child: ChildProcess;
  /** What `hammer` has acknowledged. */
  acknowledged = "";
  readonly #replies: Map<number, (message: FromPeer) => void> = new Map();
  #calls = 0;

  private constructor(path: string) {
    this.child = fork(fileURLToPath(new URL("./peer-main.ts", import.meta.url)), [path], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.acknowledged += text;
    });
    this.child.on("message", (message: FromPeer) => {
      if (message.kind !== "started") this.#replies.get(message.key)?.(message);
    });
    this.child.on("close", () => {
      const error = { code: "KILLED", message: "the process is gone" };
      for (const [key, reply] of this.#replies) reply({ kind: "settled", key, error });
    });
    peers.push(this);
  }

  static async start(path: string): Promise<Peer> {
    const peer = new Peer(path);
    const died = once(peer.child, "close").then(() =>
      Promise.reject(new Error("it did not start")),
    );
    await Promise.race([once(peer.child, "message"), died]);
    died.catch(() => {});
    return peer;
  }

  /** Rejects with an error that has the `code`. */
  call(call: Call, ...args: unknown[]): Promise<unknown> {
    return this.#send(call, args, () => {});
  }

  /** Collects what a reader over there is given, and when. */
  read(
    id: string,
    afterSeq = 0,
  ): { chunks: (StreamChunk & { at: number })[]; end: Promise<StreamStatus> } {
    const chunks: (StreamChunk & { at: number })[] = [];
    const end = this.#send("read", [id, afterSeq], (chunk) => {
      chunks.push({ ...chunk, at: performance.now() });
    });
    end.catch(() => {});
    return { chunks, end: end as Promise<StreamStatus> };
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }

  #send(call: Call, args: unknown[], onChunk: (chunk: StreamChunk) => void): Promise<unknown> {
    const key = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#replies.set(key, (message) => {
        if (message.kind === "chunk") return onChunk(message.chunk);
        if (message.kind !== "settled") return;
        this.#replies.delete(key);
        if (message.error === undefined) resolve(message.value);
        else reject(Object.assign(new Error(), message.error));
      });
      this.child.send({ call, key, args } satisfies ToPeer);
    });
  }
}
