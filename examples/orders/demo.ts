import { parseArgs } from "node:util";
import { runDemo } from "./demo/run.ts";

// `node demo.ts` tells the story and stays up to be played with; `--once`, or no terminal, ends after the story.

const { once } = parseArgs({ options: { once: { type: "boolean", default: false } } }).values;
process.exit(await runDemo({ once: once || !process.stdout.isTTY }));
