import { eventually, expectSame } from "../expectations.ts";
import { excerpt, fullReport, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";

const faults = [
  { mode: "hang", what: "it accepts, and never answers", errorType: "timeout" },
  { mode: "slow", what: "each packet comes 800 ms late", errorType: "timeout" },
] as const;

export const otherFaults: Chapter = {
  title: "Two more ways for a database to be away",

  async tell({ stage, watch, claim }) {
    const { service } = stage.urls;
    for (const { mode, what, errorType } of faults) {
      const before = watch.count;
      await claim(`${mode}: ${what}. Readiness 503 and back, liveness 200`, async (show) => {
        await stage.proxy.setMode(mode);
        const failed = await eventually(
          "readiness fails",
          () => probe(`${service}/readyz`),
          ({ status }) => status === 503,
        );
        show("GET /readyz", `${failed.status} ${failed.report.message}`);
        const check = await fullReport(stage, "postgres");
        show("full report", `postgres: ${excerpt(check, ["status", "errorType", "message"])}`);
        expectSame("the error's type", check.errorType, errorType);

        await stage.proxy.setMode("pass");
        const recovered = await eventually(
          "readiness recovers",
          () => probe(`${service}/readyz`),
          ({ status }) => status === 200,
        );
        show("GET /readyz", `${recovered.status} ${recovered.report.message}`);
        show("GET /livez", watch.expectOnly(200, "livez", before));
      });
    }
  },
};
