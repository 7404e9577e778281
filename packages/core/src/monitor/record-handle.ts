import type { CheckHandle } from "../check/handle.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthState } from "../state/check-state.ts";
import type { CheckRecord } from "./check-record.ts";

/** What every handle can do. A class: closures of its own for each of thousands of checks would outweigh their state. */
export class RecordHandle implements CheckHandle {
  readonly #record: CheckRecord;
  readonly #unregister: (record: CheckRecord) => Promise<void>;

  constructor(record: CheckRecord, unregister: (record: CheckRecord) => Promise<void>) {
    this.#record = record;
    this.#unregister = unregister;
  }

  get name(): string {
    return this.#record.name;
  }

  get status(): HealthState {
    return this.#record.state.status;
  }

  snapshot(): CheckSnapshot {
    return this.#record.view();
  }

  unregister(): Promise<void> {
    return this.#unregister(this.#record);
  }
}
