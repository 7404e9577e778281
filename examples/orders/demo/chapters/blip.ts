import { eventually, expectSame } from "../expectations.ts";
import { excerpt, fullReport, metricLines } from "../observe.ts";
import type { Chapter } from "../scene.ts";

const transitions =
  'health_check_transitions_total{health_check_name="postgres",health_state="unhealthy",health_previous_state="healthy"}';

export const blip: Chapter = {
  title: "A blip: the database resets its connections, for a moment",

  async tell({ stage, watch, claim }) {
    const before = watch.count;

    await stage.proxy.setMode("reset");
    await claim("a run of the check fails; the check is still healthy", async (show) => {
      const check = await eventually(
        "a run fails",
        () => fullReport(stage, "postgres"),
        ({ consecutiveFailures = 0 }) => consecutiveFailures > 0,
      );
      show("full report", `postgres: ${excerpt(check, ["status", "consecutiveFailures", "errorType", "message"])}`);
      expectSame("the state", check.status, "healthy");
    });

    await stage.proxy.setMode("pass");
    await claim("the next run passes: the blip is absorbed, readiness was 200 throughout", async (show) => {
      await eventually(
        "a run passes again",
        () => fullReport(stage, "postgres"),
        ({ consecutiveFailures }) => consecutiveFailures === 0,
      );
      show("GET /readyz", watch.expectOnly(200, "readyz", before));
      const lines = await metricLines(stage, transitions);
      show("GET /metrics", lines.join(" "));
      expectSame("the metric", lines.join(" "), `${transitions} 0`);
    });
  },
};
