import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import { draftStatuses } from "./draft-statuses.ts";
import type { Writer } from "./format.ts";
import { isoOrNull } from "./iso.ts";
import { type Detail, reportHead } from "./report.ts";

/** draft-inadarei-api-health-check-06. What a detail leaves out of our own JSON is left out here as well. */
export const healthJson: Writer = {
  contentType: "application/health+json",
  check: (check, detail) => `${JSON.stringify(check.name)}:${JSON.stringify([entry(check, detail)])}`,
  body(snapshot, view, detail, checks) {
    const status = draftStatuses[view.verdict.status];
    if (detail === "status") return JSON.stringify({ status });
    const { message, service } = reportHead(snapshot, view, detail);
    const notes = [
      ...view.excluded.map((name) => `${name} is excluded`),
      ...view.ignored.map((name) => `no check ${name} to exclude`),
    ];
    const head = JSON.stringify({
      status,
      ...(service?.version !== undefined && { releaseId: service.version }),
      ...(service?.instance !== undefined && { serviceId: service.instance }),
      description: service === undefined ? view.probe : `${view.probe} of ${service.name}`,
      ...(notes.length > 0 && { notes }),
      // The draft wants none where all is well.
      ...(view.verdict.status !== "healthy" && { output: message }),
    });
    return `${head.slice(0, -1)},"checks":{${checks.join()}}}`;
  },
};

function entry(check: CheckSnapshot, detail: Detail) {
  const { status, critical, checkedAt, durationMs, message } = check;
  // The draft knows no "unknown": it counts as most probes count it.
  const word = status === "unknown" ? draftStatuses[critical ? "unhealthy" : "degraded"] : draftStatuses[status];
  const time = isoOrNull(checkedAt);
  return {
    componentType: "component",
    ...(detail === "full" && durationMs !== null && { observedValue: durationMs, observedUnit: "ms" }),
    status: word,
    ...(time !== null && { time }),
    ...(detail === "full" && word !== "pass" && message !== null && { output: message }),
  };
}
