import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { Stage } from "./stage.ts";

const queries: readonly string[] = [
  "?exclude=database",
  "?exclude=database&exclude=outbox",
  "?exclude=outbox,database,outbox",
  "?exclude=nothing",
  "?exclude=database,nothing,__proto__,constructor",
  `?${Array.from({ length: 300 }, (_, i) => `exclude=n${i}`).join("&")}`,
  "?exclude=",
  "?exclude=%20database%20",
  "?exclude=caf%C3%A9,%F0%9F%8D%B5,%ff",
  "?exclude=%0d%0aX-Evil:%201%0d%0a%0d%0aevil",
  "?exclude=%00&%00=%00",
  "?exclude[]=database&exclude[x]=y",
  "?verbose",
  "?verbose=1&verbose=0&verbose",
  "?__proto__=verbose&constructor=1",
  "?%",
  "?&&&===?&",
  "?http://other.example/livez",
  `?${"x".repeat(6_000)}`,
];

/** What can be asked behind the `?`, at each tier of detail. */
export function describeQuestions(adapter: ConformanceAdapter): void {
  describe.each(["status", "summary", "full"] as const)("a question at detail %s", (detail) => {
    it("is answered as core does, however it is put", async () => {
      // A header with what the caller wrote, so that it can be seen to stay in it.
      await using stage = await Stage.open(adapter, { options: { detail, reasonHeader: true } });
      for (const query of queries)
        for (const path of ["/readyz", "/livez/", "/readyz/outbox"])
          for (const accept of ["application/json", "text/plain"]) {
            const ask = { url: path + query, headers: { Accept: accept } };
            const response = await stage.ask(ask);
            expect(stage.sent(response)).toEqual(stage.told(ask));
            expect(response.headers.map(([name]) => name)).not.toContainEqual(expect.stringMatching(/^x-evil$/i));
          }
    });
  });
}
