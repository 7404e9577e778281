import { vi } from "vitest";
import { expectReport } from "../schema/expect-report.ts";
import { watched } from "../schema/watched.ts";

// Every report that a test makes is held to the published schema, wherever the test itself looks.
vi.mock("@otel-health/core", async (importOriginal) => {
  const core = await importOriginal<typeof import("@otel-health/core")>();
  return { ...core, createHealth: (options: object) => watched(core.createHealth(options)) };
});

/** What a probe cut off cannot be read. */
const longestBody = 10 * 1024;

// So is every one that a probe gets over the wire, also from another process.
vi.mock("@otel-health/testkit", async (importOriginal) => {
  const testkit = await importOriginal<typeof import("@otel-health/testkit")>();
  const kubeProbe: typeof testkit.kubeProbe = async (...args) => {
    const result = await testkit.kubeProbe(...args);
    const { body } = result;
    const isReport = /^\{"status":"(?:healthy|degraded|unhealthy)"/.test(body) && body.length < longestBody;
    if (isReport) expectReport(JSON.parse(body));
    return result;
  };
  return { ...testkit, kubeProbe };
});
