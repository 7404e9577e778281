import { eventually, expectSame } from "../expectations.ts";
import { excerpt, fullReport, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";

export const flapping: Chapter = {
  title: "Once too often: the database resets every connection",

  async tell({ stage, watch, claim }) {
    const { service } = stage.urls;
    const before = watch.count;

    await claim("readiness turns 503: the check has changed six times in ten minutes, it flaps", async (show) => {
      await stage.proxy.setMode("reset");
      const failed = await eventually(
        "readiness fails",
        () => probe(`${service}/readyz`),
        ({ status }) => status === 503,
      );
      show("GET /readyz", `${failed.status} ${failed.report.message}`);
      const check = await fullReport(stage, "postgres");
      show("full report", `postgres: ${excerpt(check, ["status", "errorType", "flapping"])}`);
      expectSame("the error's type", check.errorType, "ECONNRESET");
      expectSame("what the report says of its flapping", check.flapping, true);
    });

    await claim(
      "the database is back, and readiness waits for five clean minutes; liveness stays 200",
      async (show) => {
        await stage.proxy.setMode("pass");
        const held = await eventually(
          "the check passes again",
          () => fullReport(stage, "postgres"),
          ({ consecutiveFailures }) => consecutiveFailures === 0,
        );
        show("full report", `postgres: ${excerpt(held, ["status", "flapping", "message"])}`);
        expectSame("its state", held.status, "unhealthy");
        show("GET /livez", watch.expectOnly(200, "livez", before));
      },
    );
  },
};
