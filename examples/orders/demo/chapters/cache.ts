import { eventually, expectSame } from "../expectations.ts";
import { metricLines, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";

export const optionalCache: Chapter = {
  title: "The cache dies; it is optional (critical: false)",

  async tell({ stage, watch, claim }) {
    const { service } = stage.urls;
    const before = watch.count;

    await stage.stopCache();
    await claim("readiness is degraded, and stays 200", async (show) => {
      const { status, report } = await eventually(
        "readiness is degraded",
        () => probe(`${service}/readyz`),
        (answer) => answer.report.status === "degraded",
      );
      show("GET /readyz", `${status} ${report.status}: ${report.message}`);
      show("GET /readyz", watch.expectOnly(200, "readyz", before));
      const series = 'health_probe_status{health_probe_type="readiness",health_state="degraded"}';
      const lines = await metricLines(stage, series);
      show("GET /metrics", lines.join(" "));
      expectSame("the metric", lines.join(" "), `${series} 1`);
    });

    await claim("orders are served without it", async (show) => {
      const response = await fetch(`${service}/orders/1`);
      show("GET /orders/1", `${response.status} ${await response.text()}`);
      expectSame("the answer", response.status, 200);
    });

    await stage.startCache();
    await claim("the cache is back, and readiness healthy", async (show) => {
      const { status, report } = await eventually(
        "readiness is healthy",
        () => probe(`${service}/readyz`),
        (answer) => answer.report.status === "healthy",
      );
      show("GET /readyz", `${status} ${report.status}: ${report.message}`);
    });
  },
};
