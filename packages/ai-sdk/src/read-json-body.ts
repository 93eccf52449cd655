import { HttpError } from "./http.ts";

/**
 * The JSON object in a request's body. Never holds more than `maxBytes` of it, whatever its
 * `content-length` says. `whenEmpty` is for routes that can do without a body.
 *
 * @throws HttpError 413 if it is longer, 400 if it is anything but a JSON object in UTF-8
 */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
  whenEmpty?: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.byteLength === 0 && whenEmpty !== undefined) return whenEmpty;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new HttpError(400, "the body must be JSON in UTF-8");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(400, "the body must be a JSON object");
  }
  return value as Record<string, unknown>;
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new HttpError(413, `the body must not exceed ${maxBytes} bytes`);
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge;
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const next = await reader?.read().catch(() => {
      throw new HttpError(400, "the body was cut off");
    });
    if (next === undefined || next.done) break;
    length += next.value.byteLength;
    if (length > maxBytes) {
      // Not awaited: the answer need not wait until the sender has taken notice.
      void reader?.cancel().catch(() => {});
      throw tooLarge;
    }
    pieces.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
