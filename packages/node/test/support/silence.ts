import { afterEach, beforeEach, expect, vi } from "vitest";

/** Fails each test of this file during which something was written to the console, or warned about. */
export function expectSilence(): void {
  beforeEach(() => {
    for (const name of ["log", "info", "warn", "error", "debug"] as const) {
      vi.spyOn(console, name).mockImplementation(() => {});
    }
    vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  });
  afterEach(() => {
    const spies = [console.log, console.info, console.warn, console.error, console.debug];
    const written = [...spies, process.emitWarning].flatMap((spy) => vi.mocked(spy).mock.calls);
    vi.restoreAllMocks();
    expect(written).toEqual([]);
  });
}
