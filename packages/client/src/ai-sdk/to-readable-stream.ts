/** A stream of what a generator yields, read no further than it is read itself. `first` has been asked for already. */
export function toReadableStream<T, R>(
  items: AsyncGenerator<T, R, undefined>,
  first: Promise<IteratorResult<T, R>>,
  onCancel: () => void,
): ReadableStream<T> {
  let next: Promise<IteratorResult<T, R>> | undefined = first;
  // It may fail before anybody reads.
  first.catch(() => {});
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await (next ?? items.next());
        next = undefined;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        onCancel();
        await items.return(undefined as R);
      },
    },
    { highWaterMark: 0 },
  );
}
