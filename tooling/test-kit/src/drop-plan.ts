/** Which of the coming requests lose their reply. */
export class DropPlan<Request> {
  #armed: ((request: Request) => boolean)[] = [];

  /** The next `which` requests, or the next one that matches. Adds to what is armed already; 0 calls everything off. */
  arm(which: number | ((request: Request) => boolean)): void {
    if (which === 0) this.#armed = [];
    else if (typeof which === "number")
      this.#armed.push(...Array.from({ length: which }, () => () => true));
    else this.#armed.push(which);
  }

  /** Whether this request loses its reply; to be asked once for each request. */
  takes(request: Request): boolean {
    const index = this.#armed.findIndex((matches) => matches(request));
    if (index < 0) return false;
    this.#armed.splice(index, 1);
    return true;
  }
}
