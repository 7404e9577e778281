import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OutputOptions, rolldown } from "rolldown";

/** What a service is made of, by file. The lines of its calls are told by the test. */
export const sources: { readonly [file: string]: string } = {
  "src/main.ts": `import { priceOf } from "./price.ts";

export interface Order { readonly lines: readonly number[] }

/** Calls what it is given on top of a stack of two files. */
export function handle(order: Order, look: () => string): string {
  return priceOf(order.lines, look);
}
`,
  "src/price.ts": `type Look = () => string;

function sumOf(lines: readonly number[], look: Look): string {
  let sum = 0;
  for (const line of lines) sum += line;
  return \`\${sum} \${look()}\`;
}

export function priceOf(lines: readonly number[], look: Look): string {
  return \`\${sumOf(lines, look)} EUR\`;
}
`,
};

/** Writes the sources into a folder and bundles them there, as a service is before it is shipped. */
export async function bundle(folder: string, options: OutputOptions): Promise<string> {
  mkdirSync(join(folder, "src"), { recursive: true });
  for (const [file, text] of Object.entries(sources)) writeFileSync(join(folder, file), text);
  await using build = await rolldown({ cwd: folder, input: "src/main.ts", platform: "node" });
  const file = join(folder, "dist/main.mjs");
  await build.write({ dir: join(folder, "dist"), format: "esm", entryFileNames: "main.mjs", ...options });
  return file;
}
