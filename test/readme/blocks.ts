/** The README's fenced code blocks of one language, with the file name that their first comment gives. */
export interface CodeBlock {
  readonly file: string | undefined;
  readonly code: string;
}

/** All fenced blocks of `language`, in order. */
export function codeBlocks(markdown: string, language: string): readonly CodeBlock[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return Array.from(markdown.matchAll(fence), ([, code = ""]) => ({ file: /^\/\/ (\S+\.ts)\n/.exec(code)?.[1], code }));
}

/**
 * Replaces what stands below each marker `<!-- kind: name -->` by what `content` makes of it: everything up to the
 * blank line after the fence or table that follows, or nothing yet.
 */
export function fillMarked(markdown: string, kind: string, content: (name: string) => string): string {
  const marked = new RegExp(`^<!-- ${kind}: ([\\w./-]+) -->\\n(?:\`\`\`[\\s\\S]*?\\n\`\`\`\\n|(?:\\|.*\\n)+)?`, "gm");
  return markdown.replace(marked, (_whole, name: string) => `<!-- ${kind}: ${name} -->\n${content(name)}\n`);
}

/** The first cells of the table that follows `<!-- kind: name -->`, without backticks; `create\`x\`` headers excluded. */
export function firstColumn(markdown: string, kind: string, name: string): readonly string[] {
  const start = markdown.indexOf(`<!-- ${kind}: ${name} -->\n`);
  if (start < 0) throw new Error(`there is no <!-- ${kind}: ${name} -->`);
  const [, ...lines] = markdown.slice(start).split("\n");
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("|")),
  );
  return rows.slice(2).map((row) => row.split("|")[1]?.trim().replaceAll("`", "") ?? "");
}
