import { optionsOf } from "../option-reader.ts";
import type { CheckOptions, HeartbeatCheck } from "./check.ts";
import { resolveCheck } from "./resolve-check.ts";

/**
 * A check for a loop that must keep turning: it calls `beat()`, and silence longer than `maxAgeMs` fails at once. What
 * a stalled event loop or a suspended process took of that time is given back, once in a row and at most `maxAgeMs`.
 * Until the first beat it is unknown, and fails `maxAgeMs` after the start.
 */
export function heartbeat(options: CheckOptions & { readonly maxAgeMs: number }): HeartbeatCheck {
  const check: HeartbeatCheck = { ...optionsOf("heartbeat()", options), kind: "heartbeat" };
  resolveCheck("heartbeat()", check);
  return check;
}
