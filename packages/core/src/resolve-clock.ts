import { type Clock, systemClock } from "./clock.ts";
import type { OptionReader } from "./option-reader.ts";

/** The clock that was given, else the process's own. Throws `HealthError`. */
export function readClock(reader: OptionReader): Clock {
  return reader.provider<Clock>(
    "clock",
    "a Clock",
    ["now", "wallTime", "random", "setTimer", "clearTimer"],
    systemClock,
  );
}
