import { defineConfig } from "vitest/config";

/** Runs the files that must fail. Their name keeps them out of the ordinary run. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.noisy.ts"],
    setupFiles: ["../fail-on-noise.ts"],
    reporters: ["tap-flat"],
    maxWorkers: 1,
  },
});
