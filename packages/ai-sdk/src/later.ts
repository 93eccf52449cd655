/** A promise for somebody else to settle. Nobody need look when it rejects. */
export interface Later<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

export function later<T>(): Later<T> {
  let resolve: Later<T>["resolve"] = () => {};
  let reject: Later<T>["reject"] = () => {};
  const promise = new Promise<T>((pass, fail) => {
    resolve = pass;
    reject = fail;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
