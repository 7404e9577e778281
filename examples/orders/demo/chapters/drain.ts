import { eventually, expectSame, expectThat } from "../expectations.ts";
import { excerpt, has, placeOrder, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";

export const drain: Chapter = {
  title: "SIGTERM",

  async tell({ stage, watch, claim }) {
    const { urls, collector, service } = stage;

    const exited = service.stop({ timeoutMs: 15_000 });
    await claim("readiness says so at once, while requests are still served", async (show) => {
      const { status, report } = await eventually(
        "readiness tells of the drain",
        () => probe(`${urls.service}/readyz`),
        (answer) => answer.report.lifecycle === "draining",
        { everyMs: 10 },
      );
      show("GET /readyz", `${status} ${report.message}`);
      expectSame("readiness", status, 503);
      const { status: answer, order } = await placeOrder(urls.service);
      show("POST /orders", `${answer} ${JSON.stringify(order)}`);
      expectSame("the answer", answer, 201);
    });

    await claim("liveness was 200 in every probe since the start", async (show) => {
      await watch.stop();
      show("GET /livez", watch.expectOnly(200, "livez"));
    });

    await claim("it exits with 0, with nothing on stderr", async (show) => {
      const { code, signal } = await exited;
      show("exit code", `${signal ?? code}`);
      expectSame("the exit code", signal ?? code, 0);
      expectSame("stderr", service.stderr.join("\n"), "");
    });

    await claim("the collector has its last words", (show) => {
      // Readiness had failed before; this one had not.
      const wanted = { "health.probe.type": "serving", "health.lifecycle": "draining" };
      const event = collector.logs.findLast(({ attributes }) => has(attributes, wanted));
      expectThat("an event tells of the drain", event !== undefined, collector.logs.at(-1));
      show("OTLP log", `${event.body} ${excerpt(event.attributes, Object.keys(wanted))}`);
      expectSame("what it has refused", collector.refused.join("\n"), "");
    });

    await claim("the orders have left spans, probes and scrapes have left none", (show) => {
      const paths = collector.spans.map(({ attributes }) => attributes["url.path"]);
      const of = (...wanted: string[]) => paths.filter((path) => wanted.includes(String(path))).length;
      const orders = of("/orders");
      const probes = of("/readyz", "/livez", "/startupz", "/servez", "/metrics");
      show("OTLP spans", `${orders} of POST /orders, ${probes} of more than ${2 * watch.count} probes`);
      expectSame("spans of orders", orders, 2);
      expectSame("spans of probes", probes, 0);
    });
  },
};
