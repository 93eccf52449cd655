import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { RespError, RespParser, type RespValue } from "./resp-parser.ts";

export type RespArgument = string | number | Uint8Array;

/** Where a server listens. */
export interface Address {
  host: string;
  port: number;
}

type Waiter = PromiseWithResolvers<RespValue>;

/** A bare RESP2 client, for what the kit itself has to ask: it adds nothing to what the server says. */
export class RespConnection implements AsyncDisposable {
  /** Gets what nobody asked for: the messages of subscriptions. */
  onMessage: (value: RespValue) => void = () => {};
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #parser = new RespParser("replies");
  readonly #waiting: Waiter[] = [];
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#fail(error));
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.closed.then(() => this.#fail(new Error("The connection to Redis was closed.")));
  }

  static async open({ host, port }: Address): Promise<RespConnection> {
    const socket = connect({ host, port });
    await once(socket, "connect");
    return new RespConnection(socket);
  }

  /** Sends one command without waiting for earlier ones, so several calls make a pipeline. Rejects with a RespError. */
  async command(...args: RespArgument[]): Promise<RespValue> {
    if (this.#failure) throw this.#failure;
    const waiter = Promise.withResolvers<RespValue>();
    this.#waiting.push(waiter);
    this.#socket.write(encodeCommand(args));
    const value = await waiter.promise;
    if (value instanceof RespError) throw value;
    return value;
  }

  /** Like `command`, as text: bulk strings are read as UTF-8, everything else by `String`. */
  async text(...args: RespArgument[]): Promise<string> {
    return String(await this.command(...args));
  }

  close(): void {
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #read(chunk: Buffer): void {
    try {
      for (const { value } of this.#parser.push(chunk)) {
        const waiter = this.#waiting.shift();
        if (waiter) waiter.resolve(value);
        else this.onMessage(value);
      }
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#failure);
  }
}

/** A request as RESP: an array of bulk strings. */
export function encodeCommand(args: readonly RespArgument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === "object" ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}
