import { answerParent } from "./answer-parent.ts";
import { importPublished } from "./published.ts";
import { type StormAnswers, type StormOptions, StormSdk } from "./storm.ts";

const { folder, checks: count, flips }: StormOptions = JSON.parse(process.argv[2] as string);
const { createHealth, push } = (await importPublished(
  folder,
  "@otel-health/core",
)) as typeof import("@otel-health/core");

const sdk = new StormSdk();
const health = createHealth({ maxCheckNames: count });
health.instrumentation.setTracerProvider(sdk.tracerProvider);
health.instrumentation.setLoggerProvider(sdk.loggerProvider);
health.instrumentation.setMeterProvider(sdk.meterProvider);
const handles = Array.from({ length: count }, (_, i) => health.register(`check-${i}`, push()));

answerParent({
  async start() {
    for (const handle of handles) handle.pass();
    await health.start();
  },
  storms: () =>
    sdk.storms(flips, (down) => {
      for (const handle of handles) {
        if (down) handle.fail("the database is gone", { errorType: "ECONNREFUSED" });
        else handle.pass();
      }
    }),
} satisfies StormAnswers);
