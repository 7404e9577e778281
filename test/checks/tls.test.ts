import { type TlsOptions, tls } from "@otel-health/checks/tls";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { startFaultProxy, until } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { authority, TlsFront } from "../faults/tls-front.ts";
import { type PingServer, startPingServer } from "../servers/ping.ts";
import { startTlsServer, type TlsServer } from "../servers/tls.ts";

const ask = (check: FunctionCheck, clock = systemClock, signal: AbortSignal = new AbortController().signal) =>
  check.run({ signal, clock, timeoutMs: 2_000 });

/** When the server's certificate ends. */
const end = Date.UTC(2125, 11, 31);
const day = 86_400_000;

describe("tls() on a real server", () => {
  let server: TlsServer;
  let plain: PingServer;
  const at = () => ({ host: "localhost", port: server.port, ca: authority });

  beforeAll(async () => {
    server = await startTlsServer();
    plain = await startPingServer();
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await plain?.[Symbol.asyncDispose]();
  });

  it("trusts what its authority has signed, and leaves no connection behind", async () => {
    await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: server.port } });
    expect(await ask(tls({ ...at(), port: proxy.port }))).toBeUndefined();
    await until(() => proxy.connections === 0, { describe: "it is closed" });
    const several = { ...at(), host: "127.0.0.1", servername: "dependency.test", ca: [Buffer.from(authority)] };
    expect(await ask(tls(several))).toBeUndefined();
  });

  it("trusts nobody else, and takes no certificate for another name", async () => {
    const { ca: _, ...untrusted } = at();
    expect(await ask(tls(untrusted))).toMatchObject({
      status: "fail",
      errorType: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      fault: "persistent",
    });
    expect(await ask(tls({ ...at(), servername: "elsewhere.test" }))).toMatchObject({
      errorType: "ERR_TLS_CERT_ALTNAME_INVALID",
      hint: expect.stringContaining("another host name"),
    });
  });

  it("has no mind for the environment's wish to look away", async () => {
    // Read at each handshake that does not say, and warned of.
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const { ca: _, ...untrusted } = at();
      expect(await ask(tls(untrusted))).toMatchObject({ errorType: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    } finally {
      warned.mockRestore();
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });

  it("says when the certificate ends, before it does", async () => {
    const before = (days: number, options?: TlsOptions) => ask(tls(at(), options), new FakeClock(end - days * day));
    expect(await before(15)).toBeUndefined();
    expect(await before(13)).toMatchObject({
      status: "warn",
      message: "the certificate of localhost expires at 2125-12-31T00:00:00.000Z, in 13 days",
    });
    expect(await before(29, { warnBeforeDays: 30 })).toMatchObject({ status: "warn" });
    expect(await before(2, { failBeforeDays: 3 })).toMatchObject({ status: "fail", errorType: "certificate_expires" });
  });

  it("knows one that has ended", async () => {
    server.set({ certificate: "expired" });
    expect(await ask(tls(at()))).toMatchObject({ errorType: "CERT_HAS_EXPIRED", fault: "persistent" });
    server.set({ certificate: "valid" });
    expect(await ask(tls(at()))).toBeUndefined();
  });

  it("wants one of the protocols that it offers", async () => {
    expect(await ask(tls({ ...at(), alpn: ["h2", "http/1.1"] }))).toBeUndefined();
    const outcome = await ask(tls({ ...at(), alpn: ["postgresql"] }));
    expect(outcome).toMatchObject({ status: "fail", errorType: "no_protocol", fault: "persistent" });
    // One that does not know of such protocols says nothing of them.
    await using front = new TlsFront(plain.port, []);
    await front.listen();
    expect(await ask(tls({ ...at(), port: front.port }))).toBeUndefined();
    expect(await ask(tls({ ...at(), port: front.port, alpn: ["h2"] }))).toMatchObject({ errorType: "no_protocol" });
  });

  it("knows a server that speaks no TLS, and ends with the run where that says nothing", async () => {
    const controller = new AbortController();
    const running = ask(tls({ ...at(), port: plain.port }), systemClock, controller.signal);
    controller.abort(new Error("time is up"));
    expect(await running).toMatchObject({ status: "fail", message: "time is up" });
  });
});
