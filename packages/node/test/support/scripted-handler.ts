import type { RequestHandler } from "@streambed/core";

/** Answers below `/s`, in a way of the test's own. */
export function handlerOf(
  answer: (request: Request) => Promise<Response> | Response,
): RequestHandler {
  return Object.assign(async (request: Request) => answer(request), { prefix: "/s" });
}

/** A body that the test writes, and that knows whether it has been cancelled. */
export function openBody(): {
  body: ReadableStream<Uint8Array>;
  write(text: string): void;
  fail(error: Error): void;
  cancelled(): boolean;
} {
  let cancelled = false;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: () => void (cancelled = true),
  });
  return {
    body,
    write: (text) => controller?.enqueue(new TextEncoder().encode(text)),
    fail: (error) => controller?.error(error),
    cancelled: () => cancelled,
  };
}
