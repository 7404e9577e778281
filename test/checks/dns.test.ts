import { Resolver } from "node:dns/promises";
import { type DnsOptions, dns } from "@otel-health/checks/dns";
import { systemClock } from "@otel-health/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { dependencyHost, Names } from "../faults/names.ts";
import { type NameServer, startNameServer } from "../servers/name-server.ts";

const names = {
  "orders.test": { A: ["10.0.0.2", "10.0.0.1"], TXT: ["v=spf1 -all"] },
  "text.test": { TXT: ["only that"] },
};

describe("dns() on a real name server", () => {
  let server: NameServer;

  beforeAll(async () => {
    server = await startNameServer(names);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  function ask(hostname: string, options: DnsOptions = {}, signal: AbortSignal = new AbortController().signal) {
    const check = dns(hostname, { servers: [`127.0.0.1:${server.port}`], ...options });
    return check.run({ signal, clock: systemClock, timeoutMs: 2_000 });
  }

  it("passes where the name resolves, to what is expected if anything is", async () => {
    expect(await ask("orders.test")).toMatchObject({ status: "pass" });
    expect(await ask("orders.test", { expect: ["10.0.0.1", "10.0.0.2"] })).toMatchObject({ status: "pass" });
    expect(await ask("orders.test", { type: "TXT", expect: ["v=spf1 -all"] })).toMatchObject({ status: "pass" });
    expect(await ask("orders.test", { expect: ["10.0.0.1"] })).toMatchObject({ errorType: "unexpected_answer" });
  });

  it("tells a name that there is not from a record that there is not", async () => {
    expect(await ask("typo.test")).toMatchObject({ status: "fail", errorType: "ENOTFOUND" });
    expect(await ask("text.test")).toMatchObject({ status: "fail", errorType: "ENODATA" });
  });

  it("knows a server that cannot answer, and one that does not want to", async () => {
    server.set({ code: "SERVFAIL" });
    expect(await ask("orders.test")).toMatchObject({ errorType: "ESERVFAIL" });
    server.set({ code: "REFUSED" });
    expect(await ask("orders.test")).toMatchObject({ errorType: "EREFUSED", fault: "persistent" });
    server.set({ code: "NOERROR" });
  });

  it("asks again where a packet was lost, within the run", async () => {
    server.set({ lost: 2 });
    expect(await ask("orders.test")).toMatchObject({ status: "pass" });
  });

  it("takes its questions back when the run ends", async () => {
    const cancelled = vi.spyOn(Resolver.prototype, "cancel");
    server.pause();
    const controller = new AbortController();
    const running = ask("orders.test", {}, controller.signal);
    controller.abort(new Error("time is up"));
    expect(await running).toMatchObject({ status: "fail", message: "time is up" });
    expect(cancelled).toHaveBeenCalledOnce();
    cancelled.mockRestore();
    server.resume();
  });

  it("finds names as the application's connections do", async () => {
    const lookup = (options?: DnsOptions) =>
      dns(dependencyHost, options).run({
        signal: new AbortController().signal,
        clock: systemClock,
        timeoutMs: 2_000,
      });
    const known = new Names();
    expect(await lookup({ expect: ["127.0.0.1"] })).toMatchObject({ status: "pass" });
    known.known = false;
    expect(await lookup()).toMatchObject({ status: "fail", errorType: "ENOTFOUND" });
  });
});
