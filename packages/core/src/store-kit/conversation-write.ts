/** One save, as the storage has to carry it out in one step. */
export interface ConversationWrite {
  json: string;
  /** The revision that it may replace; `null` if there must be none, undefined if any will do. */
  builtOn: string | null | undefined;
  /**
   * Id of a message that no other save brings, if there is one. Where what is stored has a node of that id, this
   * save has been made already, its reply was lost, and others have gone on from there.
   */
  brings: string | undefined;
}

/**
 * What becomes of a write where `stored` is what is there, `null` for nothing, and JSON is its own revision:
 * made, already made, or in conflict.
 */
export function judgeWrite(
  stored: string | null,
  { json, builtOn, brings }: ConversationWrite,
): "make" | "made" | "conflict" {
  if (builtOn === undefined || stored === builtOn || stored === json) return "make";
  return brings !== undefined && stored?.includes(`"${brings}":`) ? "made" : "conflict";
}
