/** Whether a timer of Node's keeps its process alive. */
export function keepsAlive(timer: unknown): boolean {
  return (timer as { hasRef: () => boolean }).hasRef();
}
