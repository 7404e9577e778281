import { afterAll, beforeAll } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { Stage, type StageOptions } from "./stage.ts";

/** One stage for all tests of a `describe`; it is there once they run. */
export function staged(adapter: ConformanceAdapter, options: StageOptions = {}): () => Stage {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(adapter, options);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());
  return () => stage;
}
