/**
 * Makes text that comes in pieces well-formed UTF-16, piece by piece. A pair cut in two (an emoji split
 * between two tokens) is put together again in the later piece; a surrogate that has no other half
 * becomes U+FFFD, as in every UTF-8 encoder.
 */
export class WellFormed {
  #half = "";

  /** `text`, less a high surrogate at its end, which waits for its other half. */
  next(text: string): string {
    if (this.#half === "" && !isHighSurrogate(text.charCodeAt(text.length - 1))) {
      return text.toWellFormed();
    }
    const whole = this.#half + text;
    const cut = isHighSurrogate(whole.charCodeAt(whole.length - 1))
      ? whole.length - 1
      : whole.length;
    this.#half = whole.slice(cut);
    return whole.slice(0, cut).toWellFormed();
  }

  /** What waits for a half that did not come. */
  rest(): string {
    const rest = this.#half.toWellFormed();
    this.#half = "";
    return rest;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
