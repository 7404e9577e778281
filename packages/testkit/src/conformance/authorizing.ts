import type { Authorize, HealthRequest } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import type { ConformanceAdapter } from "./adapter.ts";
import { requestBytes } from "./ask.ts";
import { Stage, type Told } from "./stage.ts";

const never = () => new Promise<never>(() => {});

const answers: readonly (readonly [what: string, authorize: unknown, shown: boolean])[] = [
  ["true", () => true, true],
  ["a promise of true", async () => true, true],
  ["false", () => false, false],
  ["a promise of false", async () => false, false],
  ["what is merely truthy", () => "yes", false],
  ["a promise of what is merely truthy", async () => 1, false],
  ["nothing", () => {}, false],
  [
    "a throw",
    () => {
      throw new Error("no");
    },
    false,
  ],
  [
    "a rejection",
    async () => {
      throw new Error("no");
    },
    false,
  ],
  [
    "a thenable that throws",
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: a hostile answer
      then() {
        throw new Error("no");
      },
    }),
    false,
  ],
];

/** What core answers to a caller who may see everything. */
function full(stage: Stage, url: string, method = "GET"): Told {
  const endpoints = stage.health.endpoints({ detail: "full" });
  const answer = endpoints.respond({ method, url });
  endpoints.close();
  if (answer === undefined) throw new Error(`no probe: ${url}`);
  return stage.writtenDown(answer);
}

/** Who is shown everything, and that nobody waits for the decision but the one who asked for it. */
export function describeAuthorizing(adapter: ConformanceAdapter): void {
  const open = (authorize: unknown) => Stage.open(adapter, { options: { authorize: authorize as Authorize } });

  describe("authorize", () => {
    it.each(answers)("that answers %s decides on ?verbose", async (_what, authorize, shown) => {
      await using stage = await open(authorize);
      for (const method of ["GET", "HEAD"])
        for (const url of ["/readyz", "/livez", "/readyz/database"]) {
          const response = await stage.ask({ method, url: `${url}?verbose` });
          expect(stage.sent(response)).toEqual(shown ? full(stage, url, method) : stage.told({ method, url }));
        }
    });

    it("is asked with the request's method and headers, once, and only by ?verbose", async () => {
      const asked: HealthRequest[] = [];
      await using stage = await open((request: HealthRequest) => {
        asked.push({ method: request.method, headers: { authorization: request.headers?.["authorization"] } });
        return false;
      });
      const headers = { Authorization: "Bearer tea" };
      await stage.ask({ url: "/readyz", headers });
      await stage.ask({ url: "/readyz?verbose=false", headers });
      await stage.ask({ method: "POST", url: "/readyz?verbose", headers });
      expect(asked).toEqual([]);
      await stage.ask({ method: "HEAD", url: "/readyz?verbose", headers });
      expect(asked).toEqual([{ method: "HEAD", headers: { authorization: "Bearer tea" } }]);
    });

    it("that does not answer in time is a no", async () => {
      let asked = 0;
      await using stage = await open(() => {
        asked++;
        return never();
      });
      const response = stage.ask({ url: "/readyz?verbose" });
      await until(() => asked === 1, { describe: "authorize is asked" });
      const plain = stage.told({ url: "/readyz" });
      await stage.clock.advance(1_000);
      expect(stage.sent(await response)).toMatchObject({ statusLine: plain.statusLine });
      expect((await response).body).not.toContain("gone");
    });

    it("holds up no other connection, and the answers on its own stay in order", async () => {
      const decision = Promise.withResolvers<boolean>();
      await using stage = await open(() => decision.promise);
      using connection = stage.connect();
      connection.send(["/readyz?verbose", "/livez", "/readyz"].map((url) => requestBytes({ url })).join(""));
      expect(stage.sent(await stage.ask({ url: "/readyz" }))).toEqual(stage.told({ url: "/readyz" }));
      expect(connection.received).toBe("");
      decision.resolve(true);
      expect(stage.sent(await connection.response())).toEqual(full(stage, "/readyz"));
      for (const url of ["/livez", "/readyz"])
        expect(stage.sent(await connection.response())).toEqual(stage.told({ url }));
    });

    it("may answer to a client that is gone", async () => {
      const decision = Promise.withResolvers<boolean>();
      let asked = 0;
      await using stage = await open(() => {
        asked++;
        return decision.promise;
      });
      const gone = stage.connect();
      gone.send(requestBytes({ url: "/readyz?verbose" }));
      await until(() => asked === 1, { describe: "authorize is asked" });
      gone.abort();
      await gone.closed;
      decision.resolve(true);
      expect(stage.sent(await stage.ask({ url: "/readyz" }))).toEqual(stage.told({ url: "/readyz" }));
    });
  });
}
