import { describe, expect, it } from "vitest";
import type { AppWide, ConformanceAdapter } from "./adapter.ts";
import { Stage } from "./stage.ts";
import { staged } from "./staged.ts";

/** What of an application is seen where it is meant to be. */
const seen: { readonly [A in AppWide]: object } = {
  refuses: { status: 401 },
  throws: { status: 500 },
  decorates: { status: 200, headers: expect.arrayContaining([[expect.stringMatching(/^x-app$/i), "on"]]) },
};

/** That an application and its probes leave each other alone. */
export function describeApplication(adapter: ConformanceAdapter): void {
  describe("an application with probes", () => {
    const stage = staged(adapter);

    it("reads the bodies of its own requests", async () => {
      const headers = { "Content-Type": "application/json" };
      const ask = { method: "POST", url: "/orders", headers, body: '{"tea":["green"]}' };
      expect(await stage().ask(ask)).toMatchObject({ status: 200, body: ask.body });
    });

    it("answers for its own throws, and probes go on", async () => {
      expect(await stage().ask({ url: "/boom" })).toMatchObject({ status: 500 });
      expect(stage().sent(await stage().ask({ url: "/readyz" }))).toEqual(stage().told({ url: "/readyz" }));
    });

    it.each(adapter.shieldsFrom)("that %s keeps it from its probes", async (appWide) => {
      await using shielded = await Stage.open(adapter, { appWide });
      expect(await shielded.ask({ url: "/orders", headers: { "Accept-Encoding": "gzip" } })).toMatchObject(
        seen[appWide],
      );
      for (const method of ["GET", "HEAD", "POST"])
        for (const url of ["/readyz", "/livez", "/startupz?verbose", "/readyz/nothing"]) {
          const ask = { method, url, headers: { "Accept-Encoding": "gzip", "If-None-Match": '"app"' } };
          expect(shielded.sent(await shielded.ask(ask))).toEqual(shielded.told(ask));
        }
    });
  });
}
