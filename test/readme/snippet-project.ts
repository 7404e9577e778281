import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { codeBlocks } from "./blocks.ts";

const root = resolve(import.meta.dirname, "../..");

const compilerOptions = {
  noEmit: true,
  module: "nodenext",
  target: "es2024",
  strict: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  types: ["node"],
};

/** The TypeScript blocks of a README as the files that they say they are, in a folder from which the packages resolve. */
export class SnippetProject implements Disposable {
  readonly folder: string;

  /** `more`: what the blocks import from the application that they belong to, by file name. */
  constructor(markdown: string, more: Readonly<Record<string, string>> = {}) {
    const cache = join(root, "test/.cache");
    mkdirSync(cache, { recursive: true });
    this.folder = mkdtempSync(join(cache, "readme-"));
    const files: Record<string, string> = {
      "package.json": '{ "type": "module" }',
      "tsconfig.json": JSON.stringify({ compilerOptions, include: ["*.ts"] }),
      ...more,
    };
    for (const { file, code } of codeBlocks(markdown, "ts")) if (file !== undefined) files[file] = code;
    for (const [file, content] of Object.entries(files)) writeFileSync(join(this.folder, file), content);
  }

  /** What the compiler has to say; empty where all is well. */
  async complaints(): Promise<string> {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", this.folder]).catch((error) => error);
    return stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
