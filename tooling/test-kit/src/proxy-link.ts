import { connect, type Socket } from "node:net";
import type { DropPlan } from "./drop-plan.ts";
import { Pump, type PumpState } from "./proxy-pump.ts";
import type { Address } from "./resp-connection.ts";
import { type RespFrame, RespParser } from "./resp-parser.ts";

/** What the links of one proxy share, and look up for every piece of data. */
export interface ProxyState extends PumpState {
  target: Address;
  /** Whether the bytes are RESP and get parsed. */
  parsed: boolean;
  /** How many more bytes reach clients before their connection is cut. */
  bytesUntilCut: number | undefined;
  drops: DropPlan<Buffer[]>;
  onRequest(args: Buffer[]): void;
}

/** One client of the proxy and its connection to the server. */
export class ProxyLink {
  readonly #state: ProxyState;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #toServer: Pump;
  readonly #toClient: Pump;
  readonly #requests = new RespParser("requests");
  readonly #replies = new RespParser("replies");
  /** One entry for each request that waits for its reply: whether that reply gets lost. */
  readonly #waiting: boolean[] = [];
  #parsed: boolean;
  #subscribed = false;

  constructor(client: Socket, state: ProxyState) {
    this.#state = state;
    this.#parsed = state.parsed;
    this.#client = client;
    this.#server = connect({ ...state.target, allowHalfOpen: true });
    this.#toServer = new Pump(state);
    this.#toClient = new Pump(state);
    join(this.#client, this.#server, this.#toServer, (chunk) => this.#fromClient(chunk));
    this.#server.once("end", () => this.#sendToClient(this.#replies.takeRest()));
    join(this.#server, this.#client, this.#toClient, (chunk) => this.#fromServer(chunk));
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #fromClient(chunk: Buffer): void {
    for (const { value } of this.#frames(this.#requests, chunk)) {
      const args = value as Buffer[];
      if (args.length === 0) continue;
      this.#state.onRequest(args);
      // Subscribing is answered by messages, not by one reply.
      if (/subscribe$/i.test(String(args[0]))) this.#subscribed = true;
      else this.#waiting.push(this.#state.drops.takes(args));
    }
    this.#toServer.push(() => send(chunk, this.#client, this.#server));
  }

  #fromServer(chunk: Buffer): void {
    if (!this.#parsed) {
      this.#sendToClient(this.#replies.takeRest());
      return this.#sendToClient(chunk);
    }
    const passed: Buffer[] = [];
    for (const frame of this.#frames(this.#replies, chunk)) {
      const lost = !this.#isMessage(frame) && this.#waiting.shift();
      if (!lost) {
        passed.push(frame.raw);
        continue;
      }
      this.#sendToClient(Buffer.concat(passed));
      this.#toClient.push(() => this.#cutAfterWriting());
      return;
    }
    if (!this.#parsed) passed.push(this.#replies.takeRest());
    this.#sendToClient(Buffer.concat(passed));
  }

  /** What the chunk completes; after the first thing that is not RESP, nothing, for as long as the link lives. */
  #frames(parser: RespParser, chunk: Buffer): RespFrame[] {
    if (!this.#parsed) return [];
    try {
      return parser.push(chunk);
    } catch {
      this.#parsed = false;
      return [];
    }
  }

  #isMessage({ type, value }: RespFrame): boolean {
    if (type === ">") return true;
    return (
      this.#subscribed &&
      Array.isArray(value) &&
      /^[ps]?(message|(un)?subscribe)$/.test(String(value[0]))
    );
  }

  #sendToClient(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#toClient.push(() => {
      const left = this.#state.bytesUntilCut;
      if (left === undefined || left > chunk.length) {
        if (left !== undefined) this.#state.bytesUntilCut = left - chunk.length;
        return send(chunk, this.#server, this.#client);
      }
      this.#state.bytesUntilCut = undefined;
      this.#client.write(chunk.subarray(0, left));
      this.#cutAfterWriting();
    });
  }

  #cutAfterWriting(): void {
    this.#client.destroySoon();
    this.#server.destroy();
  }
}

function join(from: Socket, to: Socket, pump: Pump, onData: (chunk: Buffer) => void): void {
  from.setNoDelay(true);
  from.on("data", onData);
  from.on("error", () => {});
  from.on("end", () => pump.push(() => to.end()));
  from.on("close", () => pump.push(() => to.destroySoon()));
}

/** Reads no more from the sender while the receiver is behind. */
function send(chunk: Buffer, from: Socket, to: Socket): void {
  if (!to.writable || to.write(chunk)) return;
  from.pause();
  to.once("drain", () => from.resume());
}
