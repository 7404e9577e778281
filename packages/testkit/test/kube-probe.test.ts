import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { freePort, kubeProbe, startFaultProxy } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

async function serve(listener: RequestListener, host = "127.0.0.1") {
  const server = createServer(listener).listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/readyz?verbose`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

describe("kubeProbe", () => {
  it("asks as a kubelet does, on a new connection each time", async () => {
    const requests: IncomingMessage[] = [];
    await using server = await serve((request, response) => {
      requests.push(request);
      response.end("ok");
    });
    const first = await kubeProbe(server.url);
    await kubeProbe(server.url);
    expect(first).toEqual({ ok: true, status: 200, body: "ok", durationMs: expect.any(Number) });
    expect(first.durationMs).toBeGreaterThan(0);
    expect(requests[0]).toMatchObject({ method: "GET", url: "/readyz?verbose" });
    expect(requests[0]?.headers).toEqual({
      host: `127.0.0.1:${server.port}`,
      "user-agent": "kube-probe/1.34",
      accept: "*/*",
      connection: "close",
    });
    expect(requests[1]?.socket).not.toBe(requests[0]?.socket);
  });

  it.each([
    [200, true],
    [204, true],
    [302, true],
    [399, true],
    [400, false],
    [404, false],
    [503, false],
  ])("takes status %i as %s", async (status, ok) => {
    await using server = await serve((_, response) => response.writeHead(status).end());
    expect(await kubeProbe(server.url)).toMatchObject({ ok, status });
  });

  it("reads no more than 10 KiB of the body, and that is no failure", async () => {
    await using server = await serve((_, response) => {
      // Never ended: only the cut ends the probe.
      response.write("x".repeat(100_000));
    });
    const result = await kubeProbe(server.url);
    expect(result).toMatchObject({ ok: true, status: 200 });
    expect(result.body).toBe("x".repeat(10 * 1024));
  });

  it("fails when the body is not complete in time", async () => {
    await using server = await serve((_, response) => {
      response.write("half");
    });
    const result = await kubeProbe(server.url, { timeoutMs: 80 });
    expect(result).toMatchObject({ ok: false, status: 200, body: "half", error: "timed out after 80 ms" });
    expect(result.durationMs).toBeGreaterThanOrEqual(79);
  });

  it("says why there was no answer: refused, hung, reset", async () => {
    await using server = await serve((_, response) => response.end("ok"));
    await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: server.port } });
    const url = `http://127.0.0.1:${proxy.port}/`;
    expect(await kubeProbe(url)).toMatchObject({ ok: true });
    await proxy.setMode("hang");
    expect(await kubeProbe(url, { timeoutMs: 80 })).toMatchObject({
      ok: false,
      status: undefined,
      error: "timed out after 80 ms",
    });
    await proxy.setMode("reset");
    expect(await kubeProbe(url)).toMatchObject({ ok: false, status: undefined, error: "ECONNRESET" });
    expect(await kubeProbe(`http://127.0.0.1:${await freePort()}/`)).toMatchObject({
      ok: false,
      error: "ECONNREFUSED",
    });
  });

  it.skipIf(!hasIpv6)("probes IPv6", async () => {
    await using server = await serve((_, response) => response.end("six"), "::1");
    expect(await kubeProbe(server.url)).toMatchObject({ ok: true, body: "six" });
  });
});
