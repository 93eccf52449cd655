/** A call by one of two parties, each of which holds a history. */
export interface Command {
  /** `begin` takes a new history, `say` adds a text to it that no other has. */
  call: "begin" | "load" | "say" | "save" | "delete";
  party: 0 | 1;
}

/** What the contract says of a call: whose promise it is, and whether it is refused as a conflict. */
export interface Expected {
  by: string;
  isConflict: boolean;
}

/** A party's history. */
interface Held {
  texts: string[];
  /** What was stored when it was loaded or saved last; undefined if it was neither. */
  builtOn: string | null | undefined;
  wasSaved: boolean;
}

/** The contract of one conversation, without time and without failures. Texts stand for JSON. */
export class ConversationModel {
  #stored: string | null = null;
  #wasDeleted = false;
  readonly #held: [Held, Held] = [begun(), begun()];

  /** What every store object finds. */
  get texts(): string[] {
    return this.#stored === null || this.#stored === "" ? [] : this.#stored.split(",");
  }

  take({ call, party }: Command, text: string): Expected {
    const held = this.#held[party];
    switch (call) {
      case "begin":
        this.#held[party] = begun();
        return { by: "conversation-own-copy", isConflict: false };
      case "load":
        this.#held[party] = { texts: this.texts, builtOn: this.#stored, wasSaved: false };
        return { by: this.#promiseOfLoad(), isConflict: false };
      case "say":
        held.texts.push(text);
        return { by: "conversation-own-copy", isConflict: false };
      case "save":
        return this.#save(held);
      case "delete":
        this.#stored = null;
        this.#wasDeleted = true;
        return { by: "conversation-delete", isConflict: false };
    }
  }

  #save(held: Held): Expected {
    const { builtOn, wasSaved } = held;
    const content = held.texts.join(",");
    const isConflict =
      builtOn !== undefined && builtOn !== this.#stored && content !== this.#stored;
    // A store that forgets what it has saved, and one that does not compare, look alike from here.
    if (isConflict) return { by: wasSaved ? UNTOLD : "conversation-conflict", isConflict };
    this.#stored = content;
    held.builtOn = content;
    held.wasSaved = true;
    const by = wasSaved ? "conversation-save-again" : "conversation-conflict";
    return { by: builtOn === undefined ? "conversation-overwrite" : by, isConflict };
  }

  #promiseOfLoad(): string {
    if (this.#stored !== null) return "conversation-verbatim";
    return this.#wasDeleted ? "conversation-delete" : "conversation-empty";
  }
}

/** Which promise a difference breaks cannot be told: cases of their own look at each. */
const UNTOLD = "";

function begun(): Held {
  return { texts: [], builtOn: undefined, wasSaved: false };
}
