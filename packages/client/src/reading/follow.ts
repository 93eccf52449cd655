import type { StreamEnd } from "../reader-state.ts";
import { StreamClientError } from "../stream-client-error.ts";
import { abortWith } from "./abort-with.ts";
import { backOff } from "./back-off.ts";
import { tryAgain } from "./check-response.ts";
import { openConnection } from "./connection.ts";
import type { Protocol } from "./protocol.ts";
import type { ReadingOptions } from "./reading-options.ts";
import { isOffline, LONG_MS, pauseMs, unreachable } from "./retrying.ts";

/**
 * Reads a stream to its stored end, through as many connections as it takes. Nothing is read before it is asked
 * for, so a slow consumer slows the server down and nothing piles up.
 *
 * @param life is aborted when reading is over, and ends it when it is aborted
 * @throws StreamClientError when another attempt is of no use; the signal's reason
 */
export function follow<Item>(
  protocol: Protocol<Item>,
  options: ReadingOptions,
  life: AbortController = new AbortController(),
): AsyncGenerator<Item, StreamEnd, undefined> {
  const items = read(protocol, options, life);
  // By itself a generator would first wait for what it waits for.
  for (const way of ["return", "throw"] as const) {
    const finish = items[way].bind(items) as (value: unknown) => Promise<never>;
    items[way] = (value: unknown) => {
      life.abort();
      return finish(value);
    };
  }
  return items;
}

async function* read<Item>(
  protocol: Protocol<Item>,
  { signal, onState, maxRetries = 20, retryDelayMs = backOff, silenceMs = 45_000 }: ReadingOptions,
  life: AbortController,
): AsyncGenerator<Item, StreamEnd, undefined> {
  const connection = openConnection(life.signal, silenceMs);
  abortWith(life, signal);
  let failures = 0;
  // React Native's signals have no `throwIfAborted`.
  const throwIfOver = (): void => {
    if (life.signal.aborted) throw life.signal.reason;
  };
  onState?.({ phase: "connecting" });
  try {
    for (;;) {
      let cause: unknown;
      try {
        throwIfOver();
        await connection.open((cut) => protocol.connect(cut));
        onState?.({ phase: "streaming" });
        for (let events; (events = await connection.read());) {
          for (const event of events) {
            throwIfOver();
            const { items = [], end } = await protocol.take(event);
            if (items.length > 0) failures = 0;
            yield* items;
            if (typeof end === "string") {
              onState?.({ phase: "ended", end });
              return { state: end };
            }
            if (end) throw end;
          }
        }
      } catch (error) {
        if (life.signal.aborted || StreamClientError.is(error)) throw error;
        cause = error;
      }
      cause ??= tryAgain(protocol.cut() ?? "closed");
      const heardMs = connection.release();
      if (heardMs > LONG_MS || isOffline()) failures = 0;
      if (failures >= maxRetries) throw unreachable(cause);
      onState?.({ phase: "reconnecting", cause });
      if (heardMs === Infinity) continue;
      await connection.pause(pauseMs(cause, retryDelayMs(failures++)));
    }
  } catch (error) {
    if (StreamClientError.is(error)) onState?.({ phase: "ended", end: "error", error });
    throw error;
  } finally {
    life.abort();
  }
}
