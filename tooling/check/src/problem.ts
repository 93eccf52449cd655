/** What a checker found. A note is worth reading and fails nothing. */
export interface Problem {
  file: string;
  line?: number;
  message: string;
  note?: boolean;
}

export function describeProblem({ file, line, message, note }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${place}  ${note === true ? "(note) " : ""}${message}`;
}
