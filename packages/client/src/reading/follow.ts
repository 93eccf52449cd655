import type { StreamEnd } from "../reader-state.ts";
import { StreamClientError } from "../stream-client-error.ts";
import { abortWith } from "./abort-with.ts";
import { backOff } from "./back-off.ts";
import { tryAgain } from "./check-response.ts";
import { openConnection } from "./connection.ts";
import type { Protocol } from "./protocol.ts";
import type { ReadingOptions } from "./reading-options.ts";

/** A connection that was heard of for so long was a good one, even if the model was silent all the time. */
const GOOD_MS = 10_000;

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
  const leaving =
    <Value>(finish: (value: Value) => Promise<IteratorResult<Item, StreamEnd>>) =>
    (value: Value) => {
      life.abort();
      return finish(value);
    };
  return Object.assign(items, {
    return: leaving(items.return.bind(items)),
    throw: leaving(items.throw.bind(items)),
  });
}

async function* read<Item>(
  protocol: Protocol<Item>,
  { signal, onState, maxRetries = 20, retryDelayMs = backOff, silenceMs = 45_000 }: ReadingOptions,
  life: AbortController,
): AsyncGenerator<Item, StreamEnd, undefined> {
  const connection = openConnection(life.signal, silenceMs);
  abortWith(life, signal);
  let failures = 0;
  onState?.({ phase: "connecting" });
  try {
    for (;;) {
      let cause: unknown;
      try {
        life.signal.throwIfAborted();
        await connection.open((cut) => protocol.connect(cut));
        onState?.({ phase: "streaming" });
        for (let events; (events = await connection.read());) {
          for (const event of events) {
            life.signal.throwIfAborted();
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
      cause ??= tryAgain(protocol.cut() ?? "cut off");
      const heardMs = connection.release();
      // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- Node's navigator does not say
      const isOffline = globalThis.navigator?.onLine === false;
      if (heardMs > GOOD_MS || isOffline) failures = 0;
      if (failures >= maxRetries) {
        throw new StreamClientError("UNAVAILABLE", `unreachable: ${String(cause)}`, {
          cause,
        });
      }
      onState?.({ phase: "reconnecting", cause });
      if (heardMs === Infinity) continue;
      const { afterMs } = cause as { afterMs?: number };
      // Offline, it is the network's return that ends the pause.
      const leastMs = isOffline ? GOOD_MS : (afterMs ?? 0);
      await connection.pause(Math.max(retryDelayMs(failures++), leastMs));
    }
  } catch (error) {
    if (StreamClientError.is(error)) onState?.({ phase: "ended", end: "error", error });
    throw error;
  } finally {
    life.abort();
  }
}
