import { describe, expect, it, vi } from "vitest";
import { startCommanded } from "./commanded.ts";
import type { WebCommands, WebOptions } from "./web-process.ts";

const start = (options: WebOptions) => startCommanded<WebCommands>("web-process.ts", options);
const loopback = { "server.address": "127.0.0.1" };
const orders = { "rpc.service": "orders.v1.Orders" };

vi.setConfig({ testTimeout: 120_000 });

describe("calls of a service with the real instrumentations", () => {
  it("are counted once each: by fetch where undici tells of them, by node:http and gRPC where their spans do", async () => {
    await using web = await start({ sampling: "on", passive: { loopback, orders } });
    await web.ask("fetch", 10, "/orders");
    await web.ask("fetch", 2, "/orders?status=404");
    expect((await web.ask("messages"))["loopback"]).toBe("0 of 12 calls failed in 10 s");
    await web.ask("get", 5, "/orders");
    await web.ask("get", 1, "/orders?status=404");
    await web.ask("get", 3, "/orders?status=503");
    expect((await web.ask("messages"))["loopback"]).toBe("3 of 21 calls failed in 10 s (503)");
    await web.ask("abort", 2);
    await web.ask("abort", 2, "lost the race");
    expect((await web.ask("messages"))["loopback"]).toBe("3 of 21 calls failed in 10 s (503)");
    await web.ask("rpc", 4, 0);
    await web.ask("rpc", 1, 5);
    await web.ask("rpc", 2, 14);
    expect((await web.ask("messages"))["orders"]).toBe("2 of 7 calls failed in 10 s (UNAVAILABLE)");
    // All of them have spans, and those of fetch are not counted a second time.
    const clients = (await web.ask("spans")).filter(({ kind }) => kind === "CLIENT");
    expect(clients.length).toBeGreaterThanOrEqual(28);
  });

  it("are seen by fetch, and not otherwise, where traces are sampled out", async () => {
    await using web = await start({ sampling: "off", passive: { loopback, orders } });
    await web.ask("fetch", 10, "/orders");
    await web.ask("get", 10, "/orders");
    await web.ask("rpc", 10, 0);
    const messages = await web.ask("messages");
    expect(messages["loopback"]).toBe("0 of 10 calls failed in 10 s");
    expect(messages["orders"]).toBe("too little traffic to judge: 0 calls in 10 s");
    expect(await web.ask("spans")).toEqual([]);
  });

  it("are all seen, and none exported, where they are only recorded", async () => {
    await using web = await start({ sampling: "record only", passive: { loopback, orders } });
    await web.ask("fetch", 10, "/orders");
    await web.ask("get", 10, "/orders");
    await web.ask("rpc", 10, 0);
    const messages = await web.ask("messages");
    expect(messages["loopback"]).toBe("0 of 30 calls failed in 10 s");
    expect(messages["orders"]).toBe("0 of 10 calls failed in 10 s");
    expect(await web.ask("spans")).toEqual([]);
  });
});

describe("requests to a service with the real instrumentations", () => {
  it("are counted once each, without the probes of either protocol, whatever is sampled", async () => {
    await using web = await start({ sampling: "record only", passive: {} });
    await web.ask("fetch", 5, "/orders");
    await web.ask("get", 5, "/orders?status=500");
    await web.ask("fetch", 10, "/readyz");
    await web.ask("fetch", 10, "/livez?verbose");
    expect((await web.ask("messages"))["requests"]).toBe("5 of 10 requests failed in 60 s (500)");
    await web.ask("rpc", 3, 0);
    await web.ask("rpc", 2, 5);
    await web.ask("rpc", 1, 13);
    await web.ask("checkHealth", 10);
    expect((await web.ask("messages"))["requests"]).toBe("6 of 16 requests failed in 60 s (INTERNAL)");
  });

  it("have spans that name what is wrong and lead to the incident's transition", async () => {
    await using web = await start({ sampling: "on", passive: {} });
    await web.ask("get", 1, "/before");
    await web.ask("break", true);
    await web.ask("get", 1, "/during");
    await web.ask("rpc", 1, 0);
    await web.ask("break", false);
    await web.ask("get", 1, "/after");
    const spans = await web.ask("spans");
    const transition = spans.filter(({ name }) => name === "health.transition db").at(-2);
    const ofServer = spans.filter(({ kind }) => kind === "SERVER");
    expect(ofServer.map(({ path, degraded, links }) => ({ path, degraded, links }))).toEqual([
      { path: "/before", degraded: undefined, links: [] },
      { path: "/during", degraded: ["db"], links: [transition?.spanId] },
      { path: undefined, degraded: ["db"], links: [transition?.spanId] },
      { path: "/after", degraded: undefined, links: [] },
    ]);
  });
});
