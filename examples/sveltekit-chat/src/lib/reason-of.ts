/** Of a request that was refused, AI SDK has the answer for a message. */
export function reasonOf(error: Error | undefined): string {
  if (error === undefined || error instanceof TypeError) return "the server could not be reached";
  try {
    return (JSON.parse(error.message) as { error?: string }).error ?? error.message;
  } catch {
    return error.message;
  }
}
