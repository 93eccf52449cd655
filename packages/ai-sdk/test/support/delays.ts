import { setImmediate, setTimeout as sleep } from "node:timers/promises";

/** Puts a pause of random length before and after every call of the methods, as a network does. */
export function withDelays<T extends object>(target: T, mostMs: number): T {
  const pause = (): Promise<unknown> =>
    Math.random() < 0.5 ? setImmediate() : sleep(Math.random() * mostMs);
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== "function") return value;
      const bound = value.bind(object) as (...args: unknown[]) => unknown;
      // Generators wait for themselves.
      if (name === "readFrom") return bound;
      return async (...args: unknown[]) => {
        await pause();
        const result = await bound(...args);
        await pause();
        return result;
      };
    },
  });
}
