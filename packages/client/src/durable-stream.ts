import { readStream } from "./read-stream.ts";
import type { DurableState, ReaderState, StreamEnd } from "./reader-state.ts";
import type { ReadingOptions, RequestHeaders } from "./reading/reading-options.ts";
import type { StreamedEvent } from "./reading/stream-protocol.ts";
import { resumeUrl } from "./resume-url.ts";
import { startStream } from "./start-stream.ts";
import { stopStream } from "./stop-stream.ts";
import { isFinal, StreamClientError } from "./stream-client-error.ts";
import { StreamMemory } from "./stream-memory.ts";
import type { AnyStorage } from "./stream-memory.ts";

export interface DurableStreamOptions extends Omit<ReadingOptions, "signal" | "onState"> {
  /** Where answers are begun; `/resume` and `/stop` below it read on and end them. Without a query. */
  url: string | URL;
  headers?: RequestHeaders | undefined;
  /** Remembers what is being read, so that `resume` finds it after a reload. @default none */
  storage?: AnyStorage | undefined;
  /** What it is remembered as, where a page has several. @default "default" */
  chat?: string | undefined;
}

/** An answer as far as it has been read. Another object after each change. */
export interface DurableStreamSnapshot {
  /** Known when the server has named the answer. */
  readonly id: string | undefined;
  /** Before anything was asked, and when it was left: `idle`. */
  readonly state: DurableState;
  /** All events without a name, together. */
  readonly text: string;
  /** All events with a name. */
  readonly events: readonly StreamedEvent[];
  /** The seq of the last event. */
  readonly seq: number;
}

const EMPTY: DurableStreamSnapshot = {
  id: undefined,
  state: { phase: "idle" },
  text: "",
  events: [],
  seq: 0,
};

/**
 * One answer at a time, to be shown as it grows: what a framework's hook is made of. Failures of reading are
 * told by the snapshot's state, and `start` and `resume` resolve when there is nothing more to come.
 */
export class DurableStream {
  /** May be replaced between two answers. */
  options: DurableStreamOptions;
  #snapshot: DurableStreamSnapshot = EMPTY;
  #reading: AbortController | undefined;
  /** Settles when the last question has been answered, or has failed. */
  #starting: Promise<unknown> | undefined;
  readonly #listeners: Set<() => void> = new Set();

  constructor(options: DurableStreamOptions) {
    this.options = options;
  }

  get snapshot(): DurableStreamSnapshot {
    return this.#snapshot;
  }

  /** Calls `listener` after each change. Returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Asks, with `body` as JSON, and leaves the answer before. */
  readonly start = (body: unknown): Promise<void> =>
    this.#read(EMPTY, async (reading) => {
      const starting = startStream({ ...this.options, ...reading, body });
      this.#starting = starting.catch(() => {});
      const stream = await starting;
      if (!reading.signal.aborted) this.#change({ id: stream.id });
      return stream;
    });

  /** Reads on: the answer `id`, or the one that was left, or the one that is remembered; if none is, nothing. */
  readonly resume = async (id?: string): Promise<void> => {
    const known = id ?? this.#snapshot.id ?? this.#memory().recall();
    if (known === undefined) return;
    const isSame = known === this.#snapshot.id;
    if (isSame && isOver(this.#snapshot.state)) return;
    await this.#read(isSame ? this.#snapshot : { ...EMPTY, id: known }, async (reading) => {
      const url = resumeUrl(this.options.url, known);
      return readStream({ ...this.options, ...reading, url, after: this.#snapshot.seq });
    });
  };

  /** Ends the answer for everybody. @throws StreamClientError if that does not get through */
  readonly stop = async (): Promise<void> => {
    // What has been asked has no name yet.
    await this.#starting;
    const { id } = this.#snapshot;
    if (id === undefined) return;
    // Its retries are its own: a reader may try for ever, a stop is to say that it has failed.
    await stopStream({ ...this.options, id, maxRetries: undefined });
  };

  /** Reads no more. The answer goes on, and `resume` goes on with it. */
  readonly leave = (): void => {
    if (this.#reading === undefined) return;
    this.#reading.abort();
    this.#reading = undefined;
    this.#change({ state: { phase: "idle" } });
  };

  async #read(
    from: DurableStreamSnapshot,
    open: (
      reading: Pick<ReadingOptions, "onState"> & { signal: AbortSignal },
    ) => Promise<AsyncGenerator<StreamedEvent, StreamEnd, undefined>>,
  ): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    const { signal } = reading;
    this.#reading = reading;
    this.#change(from);
    const onState = (state: ReaderState): void => {
      if (!signal.aborted) this.#change({ state });
    };
    try {
      for await (const event of await open({ signal, onState })) {
        if (signal.aborted) return;
        this.#take(event);
      }
    } catch (error) {
      if (!signal.aborted && !StreamClientError.is(error)) throw error;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  #take(event: StreamedEvent): void {
    const { text, events } = this.#snapshot;
    const { seq, data } = event;
    if (event.event === "") this.#change({ seq, text: text + data });
    else this.#change({ seq, events: [...events, event] });
  }

  #change(change: Partial<DurableStreamSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    const { id, state } = this.#snapshot;
    // Not with each event: a storage is slow.
    if (id !== undefined && (change.id ?? change.state) !== undefined) {
      if (isOver(state)) this.#memory().forget(id);
      else this.#memory().remember(id);
    }
    for (const listener of this.#listeners) listener();
  }

  #memory(): StreamMemory {
    const { storage, url, chat = "default" } = this.options;
    return new StreamMemory(storage, String(url), chat);
  }
}

/** Whether there is nothing more to come. */
function isOver(state: DurableState): boolean {
  return state.phase === "ended" && (state.end !== "error" || isFinal(state.error));
}
