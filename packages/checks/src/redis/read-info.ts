/** What INFO and its like answer: `name:value` in lines, with headings. */
export type Info = ReadonlyMap<string, string>;

/** Reads it; throws for what is no such text. */
export function readInfo(text: unknown): Info {
  if (typeof text !== "string") throw new Error("the server's answer is not what Redis would answer");
  const info = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) info.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return info;
}

/** A number of it; 0 for one that is not there. */
export function numberOf(info: Info, name: string): number {
  const value = Number(info.get(name) ?? 0);
  return Number.isNaN(value) ? 0 : value;
}
