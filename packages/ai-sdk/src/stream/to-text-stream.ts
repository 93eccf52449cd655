/**
 * Text as the body of a response, as it comes; undefined if there is none. Rejects if it failed before anything
 * came; a failure after that breaks the connection off, so that it does not look like an end. Leaving it aborts
 * `leaving`: to ask `pieces` to return would wait for the next one.
 */
export async function toTextStream(
  pieces: AsyncGenerator<string, void, undefined>,
  leaving: AbortController,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string, void> | undefined = await pieces.next();
  if (next.done === true) return undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = next ?? (await pieces.next());
        next = undefined;
        if (leaving.signal.aborted) return;
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel() {
        leaving.abort();
        void pieces.return().catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}
