/** A fenced block: `line` is that of its first inner line, `before` the line above the fence. */
export interface Fence {
  info: string;
  text: string;
  line: number;
  before: string;
}

/** A piece of text on one line, outside of fences. */
export interface Span {
  text: string;
  line: number;
}

export interface Markdown {
  fences: Fence[];
  /** `inline code` */
  codes: Span[];
  /** The targets of [links](target), and of images. */
  links: Span[];
  headings: Span[];
}

export function parseMarkdown(source: string): Markdown {
  const found: Markdown = { fences: [], codes: [], links: [], headings: [] };
  let open: { mark: string; indent: string; fence: Fence } | undefined;
  let before = "";
  for (const [index, text] of source.split("\n").entries()) {
    const line = index + 1;
    const [, indent = "", mark = "", info = ""] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(text) ?? [];
    if (open !== undefined) {
      if (mark.startsWith(open.mark) && info.trim() === "") open = undefined;
      else open.fence.text += `${text.replace(open.indent, "")}\n`;
    } else if (mark === "") {
      readLine(found, text, line);
      if (text.trim() !== "") before = text.trim();
    } else {
      open = { mark, indent, fence: { info: info.trim(), text: "", line: line + 1, before } };
      found.fences.push(open.fence);
      before = "";
    }
  }
  return found;
}

function readLine(found: Markdown, text: string, line: number): void {
  const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(text)?.[1];
  if (heading !== undefined) found.headings.push({ text: heading, line });
  for (const [, , code = ""] of text.matchAll(/(`+)(.+?)\1(?!`)/g)) {
    found.codes.push({ text: code.trim(), line });
  }
  const bare = text.replaceAll(/(`+)(.+?)\1(?!`)/g, "`code`");
  for (const [, target = ""] of bare.matchAll(/\]\(\s*<?([^)\s>]+)/g)) {
    found.links.push({ text: target, line });
  }
  for (const [, target = ""] of bare.matchAll(/^\[[^\]]+\]:\s*(\S+)/g)) {
    found.links.push({ text: target, line });
  }
}

/** The anchor that GitHub gives a heading. */
export function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}
