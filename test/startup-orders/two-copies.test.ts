import { freePort } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { beforeAll, describe, expect, it } from "vitest";
import { expectEvents, expectPage, expectSeen, expectSpans } from "./expect-seen.ts";
import type { Seen } from "./fixtures/told.ts";
import { applicationWithTwoCopies, configuration, run, type SdkLine } from "./sdk-line.ts";

/** An application of one line, in which the package finds a copy of the API of its own. */
function inApplication(line: SdkLine, other: SdkLine) {
  let folder = "";
  beforeAll(async () => {
    folder = await applicationWithTwoCopies(line, other);
  }, 240_000);

  const play = async (handed: boolean) => {
    const env = { METRICS_PORTS: `${await freePort()}`, HANDED: `${handed}` };
    const { answers, incidents, backends, more } = await run(folder, ["two-copies.ts"], env);
    expect(answers).toEqual([200, 503, 200]);
    const [seen] = backends;
    if (seen === undefined) throw new Error("the fixture tells of no backend");
    return { incidents, seen, lines: more };
  };
  return { play, folder: () => folder };
}

function expectNothing({ page, spans, events }: Seen): void {
  expect(page).not.toContain("health_");
  expect([spans, events]).toEqual([[], []]);
}

const mend = expect.stringContaining("Install @opentelemetry/api once");

describe.concurrent.each(["2", "3"] as const)("two copies of the same API, of the %s.x line", (line) => {
  const { play, folder } = inApplication(line, line);

  it.each([false, true])("are as good as one (plugin handed over: %s)", async (handed) => {
    const { incidents, seen, lines } = await play(handed);
    expectSeen(seen, 1, incidents);
    expect(lines).toEqual([]);
  });

  it("are as good as one where the SDK hands over nothing but the other copy's stand-in for meters", async () => {
    await using receiver = await startOtlpReceiver();
    const environment = configuration(receiver.url, await freePort());
    const { incidents, backends } = await run(folder(), ["start-node-sdk.ts"], environment);
    expectSeen({ page: backends[0]?.page ?? "", spans: receiver.spans, events: receiver.logs }, 1, incidents);
  });
});

describe.concurrent("an application with API 1.10, where the package finds 1.9", () => {
  const { play } = inApplication("3", "2");

  it("gets all but events, and is told so once", async () => {
    const { incidents, seen, lines } = await play(false);
    expectPage(seen.page, 1);
    expectSpans(seen.spans, incidents);
    expect(seen.events).toEqual([]);
    expect(lines).toEqual([mend]);
    expect(lines).toEqual([
      expect.stringMatching(/gets no events of health: .* @opentelemetry\/api 1\.10\.0, .* another copy, 1\.9\./),
    ]);
  });

  it("gets all where it hands the plugin over", async () => {
    const { incidents, seen, lines } = await play(true);
    expectSeen(seen, 1, incidents);
    expect(lines).toEqual([]);
  });
});

describe.concurrent("an application with API 1.9, where the package finds 1.10", () => {
  const { play } = inApplication("2", "3");

  it("gets nothing, and is told so once", async () => {
    const { seen, lines } = await play(false);
    expectNothing(seen);
    expect(lines).toEqual([mend]);
    expect(lines).toEqual([
      expect.stringMatching(
        /no spans and no metrics .* @opentelemetry\/api 1\.9\.1, .* another copy, 1\.10 or newer\./,
      ),
    ]);
  });

  it("gets all where it hands the plugin over", async () => {
    const { incidents, seen, lines } = await play(true);
    expectPage(seen.page, 1);
    expectSpans(seen.spans, incidents);
    expectEvents(seen.events, incidents);
    expect(lines).toEqual([]);
  });
});
