import type { StreamStatus, StreamStore } from "@streambed/core/contracts";

/** Reads a stream to its end. */
export async function drain(
  store: StreamStore,
  id: string,
  afterSeq = 0,
): Promise<{ texts: string[]; status: StreamStatus }> {
  const texts: string[] = [];
  const reader = store.readFrom(id, afterSeq);
  for (;;) {
    const step = await reader.next();
    if (step.done) return { texts, status: step.value };
    texts.push(step.value.data);
  }
}
