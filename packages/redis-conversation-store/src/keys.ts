/** The key of a conversation. It needs no hash tag: nothing else is read or written with it. */
export function conversationKey(prefix: string, id: string): string {
  return `${prefix}:${id}`;
}

/** Eight-method level only. List: who may save or delete the conversation now. No id contains a `#`. */
export function lockKey(key: string): string {
  return `${key}#lock`;
}
