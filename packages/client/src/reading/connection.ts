import { SseDecoder } from "@streambed/core/codec";
import type { DecodedSseEvent } from "@streambed/core/codec";
import { tryAgain } from "./check-response.ts";

/** Silence after which a page that comes back does not trust a connection: the server's comments come sooner. */
const STALE_MS = 20_000;

/**
 * An event at which the readers of a page replace their connections, and let what waits for one go first: over
 * HTTP/1.1 a browser has six to a server, for all of its tabs.
 */
export const MAKE_ROOM = "streambed:room";

const PAGE_EVENTS = ["online", "pageshow", "pagehide", "visibilitychange", MAKE_ROOM];

/** The connections of one reader, one at a time, and the pauses between them. */
export interface Connection {
  /** Opens one, with what `send` responds. @throws whatever cuts it */
  open(send: (signal: AbortSignal) => Promise<Response>): Promise<void>;
  /** The events that come next; undefined when it closes. @throws whatever cuts it */
  read(): Promise<DecodedSseEvent[] | undefined>;
  /** Closes it. Returns for how long it was heard of; Infinity if it was cut to be replaced by a better one. */
  release(): number;
  /** Waits, or until there is a reason to try again at once. */
  pause(ms: number): Promise<void>;
}

/**
 * What happens to the page cuts a pause short, or a connection that may be dead without anybody knowing.
 *
 * @param life ends all that is open, for good
 * @param silenceMs after which a connection is cut
 * @param pageEvents to heed
 */
export function openConnection(
  life: AbortSignal,
  silenceMs: number,
  pageEvents: string[] = PAGE_EVENTS,
): Connection {
  let current: AbortController | undefined;
  let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let text: TextDecoder;
  let decoder: SseDecoder;
  /** When this connection began. One that is replaced was always there: nobody is to wait for the next. */
  let since = 0;
  let heardAt = 0;
  /** Ends what is waited for, by a pause or a connection. */
  let interrupt: ((reason: unknown) => void) | undefined;

  function end(reason: unknown): void {
    current?.abort(reason);
    interrupt?.(reason);
  }

  function cut(why: string, replace?: boolean): void {
    if (replace) since = -Infinity;
    end(tryAgain(why));
  }

  function notice({ type }: Event): void {
    if (type === "pagehide") {
      // A page that is left may be kept whole, to come back to, if nothing is open in it.
      if (current) cut(type);
    } else if (
      type === "online" ||
      type === MAKE_ROOM ||
      (!document.hidden && (!current || Date.now() - heardAt > STALE_MS))
    ) {
      cut(type, true);
    }
  }

  /** Waits, but not for longer than that, and not beyond a cut. */
  function hear<T>(promise: Promise<T>, ms = silenceMs): Promise<T> {
    heardAt = Date.now();
    let timer: ReturnType<typeof setTimeout>;
    return new Promise<T>((resolve, reject) => {
      // Not every `fetch` heeds its signal.
      interrupt = reject;
      timer = setTimeout(() => cut("silence"), ms);
      promise.then(resolve, reject);
      const { aborted, reason } = current?.signal ?? life;
      if (aborted) reject(reason as Error);
    }).finally(() => clearTimeout(timer));
  }

  life.addEventListener("abort", () => end(life.reason));
  // Neither Node nor React Native has a page.
  for (const type of pageEvents) {
    globalThis.addEventListener?.(type, notice, { signal: life });
  }

  return {
    async open(send) {
      since = Date.now();
      current = new AbortController();
      body = (await hear(send(current.signal))).body?.getReader();
      // Half a character is no text.
      text = new TextDecoder("utf-8", { fatal: true });
      decoder = new SseDecoder();
    },

    async read() {
      const { done, value } = await hear(body!.read());
      return done ? undefined : decoder.decode(text.decode(value, { stream: true }));
    },

    release() {
      current?.abort();
      current = undefined;
      return heardAt - since;
    },

    pause: (ms) => hear(new Promise<never>(() => {}), ms).catch(() => {}),
  };
}
