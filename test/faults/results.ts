import { join } from "node:path";
import type { Line } from "./cell-result.ts";

/** What the matrix said when it was last recorded. */
export interface Results {
  readonly recordedAt: string;
  /** The version of Node. */
  readonly node: string;
  readonly lines: readonly Line[];
}

/** Where that is. */
export const resultsFile: string = join(import.meta.dirname, "RESULTS.json");
