import { optionsOf } from "../option-reader.ts";
import type { CheckOptions, PushCheck } from "./check.ts";
import { resolveCheck } from "./resolve-check.ts";

/** A check whose outcome someone sets, as soon as they know; unknown until then. What is pushed counts at once. */
export function push(options: CheckOptions & { readonly staleAfterMs?: number } = {}): PushCheck {
  const check: PushCheck = { ...optionsOf("push()", options), kind: "push" };
  resolveCheck("push()", check);
  return check;
}
