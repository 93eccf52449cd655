import { StreamError } from "@streambed/core/contracts";

/** How a chat's pointer is kept under its key, with scripts or without. Arguments are already checked. */
export interface ActiveBackend {
  /** @throws StreamError `UNSUPPORTED` if the key holds something else */
  get(key: string): Promise<string | null>;
  /** Resolves to the id that stands afterwards. @throws StreamError `UNSUPPORTED` */
  set(key: string, pointer: NewPointer): Promise<string>;
  /** @throws StreamError `UNSUPPORTED` */
  clear(key: string, streamId: string): Promise<void>;
}

export interface NewPointer {
  streamId: string;
  /** The one stream that may be replaced. */
  instead: string | undefined;
  ttlSec: number;
}

/** What the key holds is not ours, and stays as it is. */
export function foreign(key: string, cause?: unknown): StreamError {
  const message = `the key ${key} holds something that is no chat's pointer, or not one of this kind of client (with scripts, or without)`;
  return new StreamError("UNSUPPORTED", message, { cause });
}
