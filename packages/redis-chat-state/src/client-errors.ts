import type { Logger } from "chat";

type Listener = (error: unknown) => void;

interface Emitter {
  on(event: "error", listener: Listener): unknown;
  off(event: "error", listener: Listener): unknown;
}

/** What a client says of its connection. A client of node-redis that nobody listens to ends the process. */
export class ClientErrors {
  /** The last one since `listen`. */
  last: unknown;
  readonly #client: object;
  readonly #listener: Listener;

  constructor(client: object, logger: Logger | undefined) {
    this.#client = client;
    this.#listener = (error) => {
      this.last = error;
      logger?.error("Redis client error", { error });
    };
  }

  listen(): void {
    this.last = undefined;
    if (isEmitter(this.#client)) this.#client.on("error", this.#listener);
  }

  stop(): void {
    if (isEmitter(this.#client)) this.#client.off("error", this.#listener);
  }
}

function isEmitter(client: object): client is Emitter {
  return (
    "on" in client &&
    typeof client.on === "function" &&
    "off" in client &&
    typeof client.off === "function"
  );
}
