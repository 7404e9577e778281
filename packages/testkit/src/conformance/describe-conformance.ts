import { describe } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { describeApplication } from "./application.ts";
import { describeConnections } from "./connections.ts";
import { describeMethods } from "./methods.ts";
import { describeMounting } from "./mounting.ts";
import { describePaths } from "./paths.ts";

/** The tests that every way to serve probes over HTTP passes, each on a real server and by the byte. */
export function describeConformance(adapter: ConformanceAdapter): void {
  describe(adapter.name, () => {
    describePaths(adapter);
    describeMethods(adapter);
    describeConnections(adapter);
    describeMounting(adapter);
    if (adapter.hasApp) describeApplication(adapter);
  });
}
