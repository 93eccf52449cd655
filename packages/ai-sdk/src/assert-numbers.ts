const NAMES = ["maxBodyBytes", "leaseMs", "ttlSec", "heartbeatMs", "maxMessages"] as const;

/** The numbers that every handler takes. @throws TypeError if one makes no sense */
export function assertNumbers(
  options: Partial<Record<(typeof NAMES)[number], number | undefined>>,
): void {
  for (const name of NAMES) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
      throw new TypeError(`\`${name}\` must be an integer >= 1`);
    }
  }
}
