/** Where the stream `id` is read, below the route where answers are begun. */
export function resumeUrl(url: string | URL, id: string): string {
  return `${String(url)}/resume?id=${encodeURIComponent(id)}`;
}
