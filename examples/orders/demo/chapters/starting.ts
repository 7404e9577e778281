import { eventually, expectSame } from "../expectations.ts";
import { excerpt, fullReport, has, logLines, placeOrder, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";

export const starting: Chapter = {
  title: "The service starts before its database",

  async tell({ stage, claim }) {
    const { service } = stage.urls;

    await claim("it is alive, but not started and not ready, and says what it waits for", async (show) => {
      const startup = await eventually(
        "startup waits for the database",
        () => probe(`${service}/startupz`),
        ({ status, report }) => status === 503 && /connect \(attempt \d+ failed/.test(report.message ?? ""),
      );
      show("GET /startupz", `${startup.status} ${startup.report.message}`);
      const { status: readiness } = await probe(`${service}/readyz`);
      show("GET /readyz", `${readiness}`);
      expectSame("readiness", readiness, 503);
      const { status: liveness } = await probe(`${service}/livez`);
      show("GET /livez", `${liveness}`);
      expectSame("liveness", liveness, 200);
    });

    await stage.proxy.setMode("pass");
    await claim("the database is there: it connects, migrates and is ready", async (show) => {
      const ready = await eventually(
        "the service becomes ready",
        () => probe(`${service}/readyz`),
        ({ status, report }) => status === 200 && report.status === "healthy",
      );
      const { status: startup } = await probe(`${service}/startupz`);
      show("GET /startupz", `${startup}`);
      expectSame("startup", startup, 200);
      show("GET /readyz", `${ready.status} ${ready.report.message}`);
      show(
        "full report",
        `connect: ${excerpt(await fullReport(stage, "connect", "/startupz"), ["status", "message"])}`,
      );
    });

    await claim("it takes an order, and its outbox worker announces it", async (show) => {
      const { status, order } = await placeOrder(service);
      show("POST /orders", `${status} ${JSON.stringify(order)}`);
      expectSame("the answer", status, 201);
      const line = await eventually(
        "the log tells of the order",
        () => logLines(stage).find((line) => has(line, { msg: "order announced", order: order["id"] })),
        (line) => line !== undefined,
      );
      show("log", excerpt(line ?? {}, ["msg", "order"]));
    });
  },
};
