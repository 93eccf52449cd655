/** A call on a chat's pointer. */
export type Command =
  | { call: "set"; streamId: string; instead: string | undefined }
  | { call: "clear"; streamId: string };

/** What the contract says of a call: whose promise it is, and what it resolves to. */
export interface Expected {
  by: string;
  value: string | undefined;
}

/** The contract of one chat, without time and without failures. */
export class PointerModel {
  standing: string | null = null;
  #wasCleared = false;

  take(command: Command): Expected {
    return command.call === "set" ? this.#set(command) : this.#clear(command.streamId);
  }

  #set({ streamId, instead }: Extract<Command, { call: "set" }>): Expected {
    const before = this.standing;
    if (before === null || before === instead) this.standing = streamId;
    return { by: this.#promiseOfSet(before, streamId, instead), value: this.standing ?? undefined };
  }

  #promiseOfSet(before: string | null, streamId: string, instead: string | undefined): string {
    if (before === streamId) return "active-same-again";
    if (instead !== undefined) return "active-instead";
    if (before !== null) return "active-taken";
    return this.#wasCleared ? "active-clear" : "active-one-winner";
  }

  #clear(streamId: string): Expected {
    const isMeant = this.standing === streamId;
    if (isMeant) {
      this.standing = null;
      this.#wasCleared = true;
    }
    return { by: isMeant ? "active-clear" : "active-clear-compares", value: undefined };
  }
}
