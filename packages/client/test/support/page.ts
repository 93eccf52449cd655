import { onTestFinished, vi } from "vitest";

type Listener = (event: Event) => void;

/** The events of a page, in a process that has none. */
export interface Page {
  document: { hidden: boolean };
  dispatch(type: string, fields?: Record<string, unknown>): void;
  /** How many listeners there are. */
  listeners(): number;
}

export function openPage(): Page {
  const listeners = new Map<Listener, Set<string>>();
  const document = { hidden: false };
  // Not Node's own EventTarget: that loses listeners' signals to the garbage collector.
  vi.stubGlobal(
    "addEventListener",
    (type: string, listener: Listener, { signal }: { signal: AbortSignal }) => {
      if (signal.aborted) return;
      const types = listeners.get(listener) ?? new Set();
      listeners.set(listener, types.add(type));
      signal.addEventListener("abort", () => listeners.delete(listener));
    },
  );
  vi.stubGlobal("document", document);
  function dispatchEvent(event: Event): void {
    for (const [listener, types] of [...listeners]) if (types.has(event.type)) listener(event);
  }
  vi.stubGlobal("dispatchEvent", dispatchEvent);
  onTestFinished(() => void vi.unstubAllGlobals());
  return {
    document,
    dispatch: (type, fields) => dispatchEvent(Object.assign(new Event(type), fields)),
    listeners: () => [...listeners.values()].reduce((sum, types) => sum + types.size, 0),
  };
}
