import type { Contender } from "./contender.ts";
import type { ScrapeAnswers } from "./scraped.ts";

/**
 * How many lines the pages of two started contenders have, once their probes were asked. Throws where one of them has a
 * line that the other has not: then less was done for it, and the two cannot be compared.
 */
export async function sameLines(ours: Contender<ScrapeAnswers>, floor: Contender<ScrapeAnswers>): Promise<number> {
  const own = await lines(ours);
  const other = await lines(floor);
  for (let i = 0; i < Math.max(own.length, other.length); i++) {
    if (own[i] !== other[i]) throw new Error(`the pages differ: health has ${own[i]}, the floor ${other[i]}`);
  }
  return own.length;
}

async function lines(contender: Contender<ScrapeAnswers>): Promise<readonly string[]> {
  await contender.ask("probe");
  const page = await contender.ask("page");
  return page.split("\n").map(rounded).sort();
}

/** The last digit of an age is an accident of where its clock began. */
function rounded(line: string): string {
  return line.replace(/[^ ]+$/, (value) => (Number.isFinite(Number(value)) ? Number(value).toPrecision(9) : value));
}
