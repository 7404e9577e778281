import { FakeClock } from "@otel-health/core/testing";
import { ErrorTypes } from "../../src/observation/error-type.ts";
import type { Answer } from "../../src/observation/observation.ts";
import type { DriverHost } from "../../src/schedule/driver.ts";

/** Keeps the answers of a driver, each with its time. The driver is woken by the test. */
export class Host implements DriverHost {
  readonly clock: FakeClock = new FakeClock();
  readonly errorTypes: ErrorTypes = new ErrorTypes();
  readonly answers: (Answer & { readonly at: number })[] = [];

  now(): number {
    return this.clock.now();
  }

  stalled(): number {
    return 0;
  }

  gaps(): number {
    return 0;
  }

  failing(): never {
    throw new Error("nobody has a use for it");
  }

  traced(): undefined {
    return undefined;
  }

  answer(answer: Answer): void {
    this.answers.push({ ...answer, at: this.now() });
  }

  rearm(): void {}
}
