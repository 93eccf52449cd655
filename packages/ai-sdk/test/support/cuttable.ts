/** A `fetch` whose last response can be cut off in the middle, as a lost network does. */
export function cuttable(fetch: typeof globalThis.fetch): {
  fetch: typeof globalThis.fetch;
  cut: () => void;
} {
  let wire: TransformStreamDefaultController<Uint8Array> | undefined;
  return {
    async fetch(input, init) {
      const response = await fetch(input, init);
      const through = new TransformStream<Uint8Array, Uint8Array>({
        start: (controller) => void (wire = controller),
      });
      return new Response(response.body?.pipeThrough(through), response);
    },
    // What Firefox says, and what the AI SDK knows it by.
    cut: () => wire?.error(new TypeError("network error")),
  };
}
