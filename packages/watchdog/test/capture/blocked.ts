import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "@otel-health/testkit";
import { onTestFinished } from "vitest";
import type { CapturedStack, MissedStack } from "../../src/capture/capture-stack.ts";
import type { Frame } from "../../src/capture/frame.ts";

/** The script of the process. */
export const script: string = join(import.meta.dirname, "blocked-process.ts");

/** What a process has said of its block. */
export interface Said {
  readonly answer?: CapturedStack | MissedStack;
  readonly [word: string]: unknown;
}

/** A process whose main thread blocks in a way, and, where a phase is given, whose asking thread dies in that phase. */
export class BlockedProcess {
  readonly child: Child;

  constructor(block: string, { phase = "", path = "", node = process.execPath, options = [] }: BlockedOptions = {}) {
    this.child = new Child({ command: node, args: [...options, script, block, phase, path] });
    onTestFinished(async () => void (await this.child.stop({ signal: "SIGKILL" })));
  }

  /** Everything that it has said, once it has ended by itself. */
  async said(): Promise<Said> {
    await this.child.exited;
    const lines = this.child.stdout.map((line) => JSON.parse(line) as object);
    return Object.assign({}, ...lines.map((line) => ("frames" in line || "missed" in line ? { answer: line } : line)));
  }

  /** The same, where it ended well and an answer has come. */
  async stack(): Promise<CapturedStack> {
    const { answer } = await this.said();
    if (answer === undefined || "missed" in answer) throw new Error(`no stack:\n${this.child.output}`);
    return answer;
  }
}

/** Options of {@link BlockedProcess}. */
export interface BlockedOptions {
  readonly phase?: string;
  readonly path?: string;
  readonly node?: string;
  readonly options?: readonly string[];
}

/** The innermost call in the script of the process itself. */
export function ownFrame({ frames }: CapturedStack): Frame | undefined {
  return frames.find(({ file }) => file === script);
}

/** The lines of the script that are marked as those that block so, or are marked from below. */
export function linesOf(block: string): readonly number[] {
  const lines = readFileSync(script, "utf8").split("\n");
  return lines.flatMap((line, i) =>
    line.endsWith(`// blocks: ${block}`) ? [line.trimStart().startsWith("//") ? i : i + 1] : [],
  );
}
