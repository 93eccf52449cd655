/**
 * The request, to be read no further than its handler wants to. To adapter-node a body that is cancelled is a
 * reason to cut the connection, and the answer would be lost with it; what goes unread it drops by itself. A
 * body over its limit is an error of the stream there, which to handlers looks like one that was cut off.
 */
export function spareConnection(request: Request): { readable: Request; tooLarge: () => boolean } {
  if (request.body === null) return { readable: request, tooLarge: () => false };
  const reader = request.body.getReader();
  let status: unknown;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          status = (error as { status?: unknown } | undefined)?.status;
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
  // Bodies that are streams demand `duplex`, and not every version of the types knows it.
  const init = { body, duplex: "half" } as RequestInit;
  return { readable: new Request(request, init), tooLarge: () => status === 413 };
}
