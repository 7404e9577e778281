import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/.cache/**"],
    setupFiles: ["test/setup/fail-on-noise.ts", "test/setup/validate-reports.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: the tests that start real servers must not starve each other.
    maxWorkers: 2,
    maxConcurrency: 3,
  },
});
