import { describe } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { describeApplication } from "./application.ts";
import { describeAuthorizing } from "./authorizing.ts";
import { describeBodies } from "./bodies.ts";
import { describeBrokenRequests } from "./broken-requests.ts";
import { describeChanges } from "./changes.ts";
import { describeConnections } from "./connections.ts";
import { describeCounts } from "./counts.ts";
import { describeHostileUrls } from "./hostile-urls.ts";
import { describeMethods } from "./methods.ts";
import { describeMounting } from "./mounting.ts";
import { describeNegotiation } from "./negotiation.ts";
import { describePaths } from "./paths.ts";
import { describeQuestions } from "./questions.ts";

/** The tests that every way to serve probes over HTTP passes, each on a real server and by the byte. */
export function describeConformance(adapter: ConformanceAdapter): void {
  // Short, so that an adapter that answers nothing is told so in time.
  describe(adapter.name, { timeout: 10_000 }, () => {
    describePaths(adapter);
    describeMethods(adapter);
    describeNegotiation(adapter);
    if (adapter.plainOnly !== true) describeQuestions(adapter);
    if (adapter.plainOnly !== true) describeAuthorizing(adapter);
    describeChanges(adapter);
    describeCounts(adapter);
    describeMounting(adapter);
    if (adapter.hasApp) describeApplication(adapter);
    describeConnections(adapter);
    describeBodies(adapter);
    describeHostileUrls(adapter);
    describeBrokenRequests(adapter);
  });
}
