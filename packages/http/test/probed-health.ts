import { createHealth, type Health, type HealthResponse, heartbeat } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import type { RawResponse } from "@otel-health/testkit";

/** A started health object on a clock that stands still: ready to 503 with a `Retry-After`, live, its bytes constant. */
export async function probedHealth(): Promise<Health> {
  const clock = new FakeClock();
  const health = createHealth({
    clock,
    checks: {
      database: {
        run() {
          throw new Error("gone");
        },
      },
      outbox: heartbeat({ maxAgeMs: 30_000 }),
    },
  });
  await health.start();
  await clock.advance(15_000);
  return health;
}

/** What Node adds to every response. */
const added = new Set(["Date", "Connection", "Keep-Alive"]);

/** What of a response the server was told to send, in the shape of {@link told}. */
export function sent({ status, headers, body }: RawResponse): object {
  return { status, headers: headers.filter(([name]) => !added.has(name)), body };
}

/** What core says to send, header for header in its order. */
export function told({ status, rawHeaders, body }: HealthResponse): object {
  const headers: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i] ?? "", rawHeaders[i + 1] ?? ""]);
  return { status, headers, body };
}
