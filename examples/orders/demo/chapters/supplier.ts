import { eventually, expectSame } from "../expectations.ts";
import { excerpt, fullReport, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";

export const degradedSupplier: Chapter = {
  title: "The supplier, a service with a health of its own, says that it is degraded",

  async tell({ stage, watch, claim }) {
    const { service, supplier } = stage.urls;
    const before = watch.count;

    stage.toggleWarehouse();
    await claim("its readiness is 200 still, and the check of it reads why: degraded here as well", async (show) => {
      const { status, report } = await eventually(
        "readiness is degraded",
        () => probe(`${service}/readyz`),
        (answer) => answer.report.status === "degraded",
      );
      const theirs = await probe(`${supplier}/readyz`);
      show("GET supplier", `${theirs.status} ${theirs.report.status}: ${theirs.report.message}`);
      expectSame("the supplier's answer", theirs.status, 200);
      show("GET /readyz", `${status} ${report.status}: ${report.message}`);
      show("full report", `supplier: ${excerpt(await fullReport(stage, "supplier"), ["status", "message"])}`);
      show("GET /readyz", watch.expectOnly(200, "readyz", before));
    });

    stage.toggleWarehouse();
    await claim("the supplier is well again, and so is the service", async (show) => {
      const { status, report } = await eventually(
        "readiness is healthy",
        () => probe(`${service}/readyz`),
        (answer) => answer.report.status === "healthy",
      );
      show("GET /readyz", `${status} ${report.status}: ${report.message}`);
    });
  },
};
