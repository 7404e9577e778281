import { channel } from "node:diagnostics_channel";
import { setImmediate as turn } from "node:timers/promises";
import { context, diag, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createHealth, type FunctionCheck, pass } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { freePort, until } from "@otel-health/testkit";
import { createTraffic, type EndedCall, type PassiveOptions } from "@otel-health/traffic";
import { Agent, fetch as undiciFetch, request as undiciRequest } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { startUpstream } from "../upstream.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A passive check of an HTTP dependency, and the calls that it hears of. */
async function watch(options: Partial<PassiveOptions> & { readonly active?: FunctionCheck["run"] } = {}) {
  const clock = new FakeClock();
  const traffic = createTraffic({ clock });
  const calls: EndedCall[] = [];
  const health = createHealth({
    clock,
    checks: {
      upstream: traffic.passive({
        match: { "server.address": "127.0.0.1" },
        active: () => pass(),
        isError(call) {
          calls.push(call);
          return call.failed;
        },
        ...options,
      }),
    },
  });
  await health.start();
  await clock.advance(0);
  stops.push(() => health.stop());
  return {
    clock,
    traffic,
    health,
    calls,
    async message() {
      await health.refresh();
      return health.checks.upstream.snapshot().message;
    },
  };
}

const told = ({ failed, errorType }: EndedCall) => [failed, errorType];

describe("calls by fetch", () => {
  it("are told with where they went and how they ended", async () => {
    await using upstream = await startUpstream((request, response) => {
      response.statusCode = Number(new URL(request.url ?? "", "http://a").searchParams.get("status"));
      response.end("answer");
    });
    const { calls } = await watch();
    for (const status of [200, 404, 429, 500, 503]) {
      const response = await fetch(`${upstream.url}/orders?status=${status}`, { method: "POST", body: "x" });
      await response.text();
    }
    expect(calls.map(told)).toEqual([
      [false, undefined],
      [false, "404"],
      [false, "429"],
      [true, "500"],
      [true, "503"],
    ]);
    expect(calls[0]?.attributes).toEqual({
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": upstream.port,
      "http.request.method": "POST",
      "url.path": "/orders",
      "http.response.status_code": 200,
    });
  });

  it("count when the answer begins, whether or not anybody reads it", async () => {
    await using upstream = await startUpstream((_request, response) => void response.write("the rest never comes"));
    const { calls } = await watch();
    const response = await fetch(upstream.url);
    expect(calls.map(told)).toEqual([[false, undefined]]);
    await response.body?.cancel();
    expect(calls).toHaveLength(1);
  });

  it("have failed after all where the answer breaks off", async () => {
    await using upstream = await startUpstream((_request, response) => {
      response.write("the rest never comes", () => response.destroy());
    });
    const { message } = await watch({ minSamples: 1, maxErrorRatio: 1 });
    await expect(fetch(upstream.url).then((response) => response.text())).rejects.toThrow();
    expect(await message()).toBe("1 of 1 call failed in 10 s (UND_ERR_SOCKET)");
  });

  it("count once where a 500 breaks off", async () => {
    await using upstream = await startUpstream((_request, response) => {
      response.statusCode = 500;
      response.write("the rest never comes", () => response.destroy());
    });
    await using other = await startUpstream((_request, response) => void response.end());
    const { message } = await watch({ minSamples: 1, maxErrorRatio: 1 });
    await (await fetch(other.url)).text();
    await expect(fetch(upstream.url).then((response) => response.text())).rejects.toThrow();
    expect(await message()).toBe("1 of 2 calls failed in 10 s (500)");
  });

  it("fail with what the network says", async () => {
    await using upstream = await startUpstream((request) => void request.socket.resetAndDestroy());
    const { calls } = await watch();
    await expect(fetch(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow();
    await expect(fetch(upstream.url)).rejects.toThrow();
    expect(calls.map(told)).toEqual([
      [true, "ECONNREFUSED"],
      [true, expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/)],
    ]);
  });

  it("fail where they take longer than the caller's timeout, and say nothing where the caller loses interest", async () => {
    await using upstream = await startUpstream(() => {});
    const { calls } = await watch();
    await expect(fetch(upstream.url, { signal: AbortSignal.timeout(20) })).rejects.toThrow(/timeout/);
    const controller = new AbortController();
    const before = upstream.requests;
    const given = fetch(upstream.url, { signal: controller.signal });
    await until(() => upstream.requests > before, { describe: "the second request" });
    controller.abort();
    await expect(given).rejects.toThrow(/abort/);
    expect(calls.map(told)).toEqual([[true, "TimeoutError"]]);
  });

  it("are given up where the caller aborts before the answer begins, and only there", async () => {
    await using upstream = await startUpstream((request, response) => {
      if (request.url === "/half") response.write("the rest never comes");
    });
    const { clock, message } = await watch({ minSamples: 1, active: undefined as never });
    for (const path of ["/half", "/hang", "/hang"]) {
      const controller = new AbortController();
      const before = upstream.requests;
      const text = fetch(`${upstream.url}${path}`, { signal: controller.signal }).then((response) => response.text());
      await until(() => upstream.requests > before, { describe: path });
      if (path === "/half")
        await until(async () => (await message()) === "0 of 1 call failed in 10 s", { describe: path });
      await clock.advance(400);
      controller.abort();
      await expect(text).rejects.toThrow(/abort/);
    }
    expect(await message()).toBe("2 calls given up without an answer in 10 s");
  });

  it.each<[string, unknown]>([
    ["no reason", undefined],
    ["a text", "lost the race"],
    ["an error", new Error("client went away")],
    ["null", null],
    ["an error like axios's", Object.assign(new Error("canceled"), { name: "CanceledError", code: "ERR_CANCELED" })],
  ])("are no failure where they are aborted with %s, before the answer or amid it", async (_what, reason) => {
    await using upstream = await startUpstream((request, response) => {
      if (request.url === "/half") response.write("the rest never comes");
    });
    const { calls, message } = await watch({ minSamples: 1 });
    for (const get of [fetch, undiciFetch as unknown as typeof fetch])
      for (const path of ["/hang", "/half"]) {
        const controller = new AbortController();
        const before = upstream.requests;
        const text = get(`${upstream.url}${path}`, { signal: controller.signal }).then((response) => response.text());
        const settled = text.then(
          () => "answered",
          () => "rejected",
        );
        const counted = calls.length;
        await until(() => upstream.requests > before && (path === "/hang" || calls.length > counted), {
          describe: path,
        });
        controller.abort(reason);
        expect(await settled).toBe("rejected");
      }
    expect(await message()).toBe("0 of 2 calls failed in 10 s");
  });

  it("count once each, with an early hint, a redirect's both", async () => {
    await using upstream = await startUpstream((request, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      if (request.url === "/from") response.writeHead(302, { location: "/to" }).end();
      else response.end();
    });
    const { calls } = await watch();
    await (await fetch(`${upstream.url}/from`)).text();
    expect(calls.map(({ attributes }) => attributes["http.response.status_code"])).toEqual([302, 200]);
  });

  it("are those of undici as a package too, its agents and pools included", async () => {
    await using upstream = await startUpstream((_request, response) => void response.end("answer"));
    const { calls } = await watch();
    const dispatcher = new Agent({ connections: 1, pipelining: 1 });
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const { body } = await undiciRequest(upstream.url, { dispatcher });
        await body.text();
        await (await undiciFetch(upstream.url, { dispatcher })).text();
      }),
    );
    await dispatcher.close();
    expect(calls).toHaveLength(10);
  });

  it("are only those to the dependency", async () => {
    await using upstream = await startUpstream((_request, response) => void response.end());
    await using other = await startUpstream((_request, response) => void response.end());
    const { calls } = await watch({ match: { "server.address": "127.0.0.1", "server.port": upstream.port } });
    for (const { url } of [upstream, other, other]) await (await fetch(url)).text();
    expect(calls).toHaveLength(1);
  });

  it("ask the active check at once where one begins and nothing ends", async () => {
    await using upstream = await startUpstream(() => {});
    let pings = 0;
    const { clock, health } = await watch({ active: () => void pings++ });
    const controller = new AbortController();
    const given = fetch(upstream.url, { signal: controller.signal });
    await until(() => upstream.requests === 1, { describe: "the request" });
    await clock.advance(3_000);
    expect(pings).toBe(2);
    expect(health.checks.upstream.snapshot().message).toBe("active: passed (no calls in 10 s)");
    controller.abort();
    await expect(given).rejects.toThrow();
  });
});

describe("health's own calls", () => {
  it("are not counted without an SDK, where they are the active check's", async () => {
    await using upstream = await startUpstream((_request, response) => void response.end());
    const ping = async () => {
      await turn();
      await (await fetch(upstream.url)).text();
    };
    const { message, calls } = await watch({ active: ping });
    expect(await message()).toBe("active: passed (no calls in 10 s)");
    expect(await message()).toBe("active: passed (no calls in 10 s)");
    expect(upstream.requests).toBeGreaterThanOrEqual(2);
    expect(calls).toEqual([]);
  });

  it("are not counted with a context manager, whichever check makes them", async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    try {
      await using upstream = await startUpstream((_request, response) => void response.end());
      const { calls, health, clock } = await watch();
      health.register("other", async () => {
        await turn();
        await (await fetch(upstream.url)).text();
      });
      await clock.advance(0);
      await health.refresh();
      expect(upstream.requests).toBeGreaterThanOrEqual(1);
      expect(calls).toEqual([]);
      await (await fetch(upstream.url)).text();
      expect(calls).toHaveLength(1);
    } finally {
      context.disable();
    }
  });
});

describe("what listens to undici", () => {
  const channels = ["undici:request:create", "undici:request:headers", "undici:request:error"];
  const heard = () => channels.map((name) => channel(name).hasSubscribers);

  it("does so from the start of the first passive check to the end of the last", async () => {
    const traffic = createTraffic();
    const check = () => traffic.passive({ match: { "server.address": "a" } });
    const health = createHealth({ checks: { one: check(), other: check() } });
    expect(heard()).toEqual([false, false, false]);
    await health.start();
    expect(heard()).toEqual([true, true, true]);
    await health.unregister("one");
    expect(heard()).toEqual([true, true, true]);
    await health.stop();
    expect(heard()).toEqual([false, false, false]);
  });

  it("survives whatever is published there", async () => {
    const complaints: unknown[] = [];
    const ignore = () => {};
    diag.setLogger({
      verbose: ignore,
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (what) => complaints.push(what),
    });
    const { calls } = await watch();
    const hostile = [undefined, null, 5, {}, { request: null }, { request: 5 }, { request: { origin: "no url" } }];
    for (const name of channels) for (const message of hostile) channel(name).publish(message);
    const request = { origin: new URL("http://127.0.0.1:1"), method: "GET", path: "/" };
    channel("undici:request:create").publish({ request });
    channel("undici:request:error").publish({ request, error: undefined });
    diag.disable();
    expect(calls).toEqual([]);
    expect(complaints).toEqual([
      "otel-health: what listens to undici:request:create threw",
      "otel-health: what listens to undici:request:headers threw",
      "otel-health: what listens to undici:request:error threw",
    ]);
  });
});

describe("traces that are sampled out", () => {
  const unsampled = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    traceFlags: 0,
  });

  async function story(wrap: boolean) {
    const warnings: unknown[] = [];
    const ignore = () => {};
    diag.setLogger({
      verbose: ignore,
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (what) => warnings.push(what),
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    await using upstream = await startUpstream((_request, response) => void response.end());
    const { traffic, message } = await watch({ match: { "db.system.name": "postgresql" } });
    if (wrap) traffic.recordOnly({ shouldSample: () => ({ decision: 0 }) });
    for (let i = 0; i < 3; i++) await context.with(unsampled, async () => (await fetch(upstream.url)).text());
    const messages = [await message(), await message()];
    context.disable();
    diag.disable();
    return { messages, warnings };
  }

  it("are said to hide calls, once through diag, to a check that sees few", async () => {
    const { messages, warnings } = await story(false);
    const said = "active: passed (no calls in 10 s, and those in traces that are sampled out are not seen)";
    expect(messages).toEqual([said, said]);
    expect(warnings).toEqual([expect.stringContaining("traffic.recordOnly(sampler)")]);
  });

  it("hide nothing where the sampler records all calls", async () => {
    const { messages, warnings } = await story(true);
    expect(messages).toEqual(["active: passed (no calls in 10 s)", "active: passed (no calls in 10 s)"]);
    expect(warnings).toEqual([]);
  });
});
