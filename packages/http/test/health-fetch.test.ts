import {
  createHealth,
  type EndpointOptions,
  type Health,
  type HealthRequest,
  type HealthResponse,
  healthFetch,
  notFound,
} from "@otel-health/http";
import { describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { probedHealth } from "./probed-health.ts";

async function started(): Promise<Health> {
  const health = await probedHealth();
  onTestFinished(() => health.stop());
  return health;
}

const request = (path: string, init?: RequestInit) => new Request(`http://orders.example:8080${path}`, init);

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

async function sent(response: Response | Promise<Response>): Promise<Answer> {
  const { status, headers } = await response;
  return { status, headers: Object.fromEntries(headers), body: await (await response).text() };
}

/** What core says to send, with names as `Headers` has them. */
function told({ status, headers, body }: HealthResponse): Answer {
  return { status, headers: Object.fromEntries(new Headers(headers)), body };
}

type FirstParameter<T> = T extends (...args: [infer First, never]) => unknown ? First : never;

describe("healthFetch", () => {
  it.each([
    ["GET", "/livez"],
    ["GET", "/readyz"],
    ["GET", "/readyz/"],
    ["GET", "/readyz?exclude=database"],
    ["GET", "/livez?verbose"],
    ["GET", "/readyz/database"],
    ["GET", "/readyz/nonsense"],
    ["HEAD", "/readyz"],
    ["HEAD", "/startupz?a=b"],
    ["POST", "/readyz"],
    ["OPTIONS", "/livez"],
  ])("answers %s %s as core does", async (method, url) => {
    const health = await started();
    const expected = told(health.respond({ method, url }) as HealthResponse);
    expect(await sent(healthFetch(health)(request(url, { method })))).toEqual(expected);
  });

  it("answers at once, and with no body for HEAD", async () => {
    const response = healthFetch(await started())(request("/readyz", { method: "HEAD" }));
    expect(response).toBeInstanceOf(Response);
    expect((response as Response).body).toBeNull();
  });

  it("answers in the format that Accept asks for", async () => {
    const health = await started();
    const headers = { accept: "text/plain" };
    const expected = told(health.respond({ method: "GET", url: "/readyz", headers }) as HealthResponse);
    expect(expected.headers["content-type"]).toContain("text/plain");
    expect(await sent(healthFetch(health)(request("/readyz", { headers })))).toEqual(expected);
  });

  it("answers what is no probe with 404, as a server of nothing else does", async () => {
    const fetch = healthFetch(await started());
    expect(await sent(fetch(request("/orders")))).toEqual(told(notFound.GET));
    expect(await sent(fetch(request("/", { method: "HEAD" })))).toEqual(told(notFound.HEAD));
  });

  it("passes what is no probe on to next, and gives back what that gives", async () => {
    const fetch = healthFetch(await started());
    const next = vi.fn(() => "orders" as const);
    expect(fetch(request("/orders"), next)).toBe("orders");
    await sent(fetch(request("/livez"), next) as Response);
    expect(next).toHaveBeenCalledOnce();
  });

  it("takes any other second argument for the server's own, as Next.js, Bun and Deno give one", async () => {
    const fetch = healthFetch(await started());
    for (const own of [{ params: Promise.resolve({}) }, null, "127.0.0.1"])
      expect(await fetch(request("/orders"), own)).toMatchObject({ status: 404 });
  });

  it("has the types that servers take", async () => {
    const fetch = healthFetch(createHealth());
    expectTypeOf(fetch).toExtend<(request: Request) => Response | Promise<Response>>();
    // What a build of Next.js by webpack asks of a route's handler.
    expectTypeOf<FirstParameter<typeof fetch>>().toEqualTypeOf<Request>();
    expectTypeOf(fetch).toExtend<(request: Request, info: { readonly port: number }) => Response | Promise<Response>>();
    expectTypeOf(fetch(request("/"), () => 7)).toEqualTypeOf<Response | Promise<Response> | number>();
    expectTypeOf(fetch(request("/"), async () => {})).toEqualTypeOf<Response | Promise<Response> | Promise<void>>();
  });

  it("reads the headers only of probes, and all of them only where there is a query", async () => {
    const fetch = healthFetch(await started());
    const get = vi.fn(() => null);
    const iterate = vi.fn(() => [].values());
    const read = vi.fn(() => ({ get, [Symbol.iterator]: iterate }));
    const ask = (url: string) =>
      fetch(
        {
          method: "GET",
          url,
          get headers() {
            return read() as unknown as Headers;
          },
        },
        () => {},
      );
    await ask("http://a/orders?verbose");
    expect(read).not.toHaveBeenCalled();
    await ask("http://a/livez");
    expect(get.mock.calls).toEqual([["accept"]]);
    expect(iterate).not.toHaveBeenCalled();
    await ask("http://a/livez?verbose");
    expect(iterate).toHaveBeenCalledOnce();
  });

  it("asks authorize with the request as node:http has it, and waits for its answer", async () => {
    const asked: HealthRequest[] = [];
    const authorize: EndpointOptions["authorize"] = async ({ method, url, headers }) => {
      asked.push({ method, url, headers });
      return headers?.["authorization"] === "Bearer s3cret";
    };
    const fetch = healthFetch(await started(), { authorize });
    const allowed = await sent(fetch(request("/readyz?verbose", { headers: { Authorization: "Bearer s3cret" } })));
    expect(allowed).toMatchObject({ status: 503, body: expect.stringContaining("gone") });
    const refused = await sent(fetch(request("/readyz?verbose", { method: "HEAD" })));
    expect(refused).toMatchObject({ status: 503, body: "" });
    expect(asked).toEqual([
      { method: "GET", url: "/readyz?verbose", headers: { authorization: "Bearer s3cret" } },
      { method: "HEAD", url: "/readyz?verbose", headers: {} },
    ]);
  });

  it.each([204, 205])("answers with %s, which can have no body", async (healthy) => {
    const fetch = healthFetch(createHealth(), { statusCodes: { healthy, degraded: 200, unhealthy: 503 } });
    expect(await sent(fetch(request("/livez")))).toMatchObject({ status: healthy, body: "" });
  });

  it.each([
    "http://orders.example",
    "http://[::1]:80/livezz",
    "http://a/x/../livez",
    "http://u:p@a//livez",
    "livez",
    "",
  ])("finds no probe at %j", async (url) => {
    const fetch = healthFetch(await started());
    expect(await fetch({ method: "GET", url, headers: new Headers() }, () => "none")).toBe("none");
  });

  it.each([
    "/readyz",
    "https://[::1]/readyz",
    "http://u:p@orders.example:8080/readyz?a=http://b/c",
    "http://a/readyz#b",
  ])("finds the probe at %j", async (url) => {
    const fetch = healthFetch(await started());
    expect(await fetch({ method: "GET", url, headers: new Headers() }, () => "none")).toMatchObject({ status: 503 });
  });

  it("refuses options that cannot be meant", () => {
    expect(() => healthFetch(createHealth(), { prefix: "internal" })).toThrow(/^prefix of .* got "internal"/);
  });
});
