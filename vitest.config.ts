import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Takes as long as half of all the others together, most of it waiting: begun last it would be waited for alone. */
const longest = "test/faults/matrix.test.ts";

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => Number(b.moduleId.endsWith(longest)) - Number(a.moduleId.endsWith(longest)));
  }
}

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/.cache/**"],
    setupFiles: ["test/setup/fail-on-noise.ts", "test/setup/no-bare-patterns.ts", "test/setup/validate-reports.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // With them V8 ends a process now and then in which threads compile: "Check failed: jit_page.has_value()".
    execArgv: ["--no-memory-protection-keys"],
    // Two cores: the tests that start real servers must not starve each other.
    maxWorkers: 2,
    maxConcurrency: 4,
    sequence: { sequencer: LongestFirst },
  },
});
