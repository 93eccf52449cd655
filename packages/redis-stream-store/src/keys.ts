/** The keys of one stream. They share `id`, so that a hash tag puts them on one node of a cluster. */
export interface StreamKeys {
  /** String: the status, as JSON. */
  status: string;
  /** List: the chunks, in order. */
  chunks: string;
  /** Eight-method level only. List: who created the stream, and how it ended. */
  claims: string;
  /** Eight-method level only. List: how much room each append to a stream without a writer has asked for. */
  room: string;
  /** Eight-method level only. String that lives as long as the producer's lease. */
  lease: string;
  /** Channel: where the scripts announce what they have stored, if the stream's creator listens. */
  live: string;
}

/** Every key that this package touches is made here. */
export function streamKeys(prefix: string, id: string, hashTag: boolean): StreamKeys {
  const stem = `${prefix}:${hashTag ? `{${id}}` : id}`;
  return {
    status: `${stem}:status`,
    chunks: `${stem}:chunks`,
    claims: `${stem}:claims`,
    room: `${stem}:room`,
    lease: `${stem}:lease`,
    live: `${stem}:live`,
  };
}

/** The one key of a chat. It needs no hash tag: nothing else is read or written with it. */
export function activeKey(prefix: string, chatId: string): string {
  return `${prefix}:${chatId}`;
}
