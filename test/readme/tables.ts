import { events, healthErrorCodes, metrics, spans } from "@otel-health/core";

const spanTexts: { readonly [S in keyof typeof spans]: string } = {
  check:
    "a run that was not a plain pass, and every run until recovery: the first five, then the 1st, 2nd, 4th, 8th … after them",
  transition: "each change of a check's state: zero length, linked to the runs that led to it",
  outage:
    "a whole incident, at recovery or shutdown, as a child of the transition that opened it; while it lasts, a piece of it every 15 minutes",
};

const eventTexts: { readonly [E in keyof typeof events]: string } = {
  checkTransition:
    "a check changed its state: ERROR for unhealthy where it is critical or its fault fatal, WARN for worse otherwise, INFO for better",
  checkPersistent:
    "a check has been failing for `persistentAfterMs`, a step above its transition: ERROR2 if it is critical, else ERROR",
  checkSlow: "passes have become slower than `slowAfterMs` (WARN), or quick again (INFO)",
  checkFlapping: "a check has changed six times in ten minutes (WARN), or is calm again (INFO)",
  probeTransition:
    "a probe changed its verdict: ERROR for unhealthy, WARN for degraded, INFO for better and while draining",
};

/** The README's reference tables, made from the names that the code uses. */
export const tables: { readonly [name: string]: () => string } = {
  metrics: () =>
    table(
      ["metric", "instrument", "unit", "attributes", "meaning"],
      Object.values(metrics).map(({ name, instrument, unit, attributes, description }) => [
        code(name),
        instrument,
        code(unit),
        attributes.map(code).join(", ") || "–",
        description,
      ]),
    ),
  spans: () =>
    table(
      ["span", "written for"],
      keys(spans).map((key) => [code(`${spans[key]} {name}`), spanTexts[key]]),
    ),
  events: () =>
    table(
      ["event", "when, and how severe"],
      keys(events).map((key) => [code(events[key]), eventTexts[key]]),
    ),
  errors: () =>
    table(
      ["code", "meaning"],
      keys(healthErrorCodes).map((key) => [code(key), healthErrorCodes[key]]),
    ),
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function keys<T extends object>(record: T): readonly (keyof T)[] {
  return Object.keys(record) as (keyof T)[];
}
