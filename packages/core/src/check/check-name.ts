import { HealthError } from "../health-error.ts";
import { show } from "../option-reader.ts";
import { isCheckName } from "./is-check-name.ts";

/** The name, if it may be one. Throws `invalid_name`: names become metric attributes, JSON keys and paths. */
export function checkName(name: unknown, what: "check" | "task" | "startup task" | "group" | "part"): string {
  if (isCheckName(name)) return name;
  throw new HealthError(
    "invalid_name",
    `a ${what} is named by a lower-case letter and up to 62 of a-z, 0-9, "_", "." and "-", got ${show(name)}; rename it`,
  );
}
