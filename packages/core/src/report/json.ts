import type { Writer } from "./format.ts";
import { createCheckReport, reportHead } from "./report.ts";

/** Our own JSON, wire contract version 1. `JSON.parse` of a body is `createReport` of the same arguments. */
export const json: Writer = {
  contentType: "application/json",
  check: (check, detail) => `${JSON.stringify(check.name)}:${JSON.stringify(createCheckReport(check, detail))}`,
  body(snapshot, view, detail, checks) {
    const head = JSON.stringify(reportHead(snapshot, view, detail));
    return detail === "status" ? head : `${head.slice(0, -1)},"checks":{${checks.join()}}}`;
  },
};
