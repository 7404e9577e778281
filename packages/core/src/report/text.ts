import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthState } from "../state/check-state.ts";
import type { Writer } from "./format.ts";
import { reportHead } from "./report.ts";

const marks: { readonly [S in HealthState]: string } = { healthy: "+", degraded: "~", unhealthy: "-", unknown: "-" };
const words: { readonly [S in HealthState]: string } = {
  healthy: "ok",
  degraded: "degraded",
  unhealthy: "failed",
  unknown: "unknown",
};

/** Lines for people and for `grep`: one for each check, and the verdict at the end. */
export const text: Writer = {
  contentType: "text/plain; charset=utf-8",
  check: (check, detail) => `[${marks[check.status]}]${check.name} ${words[check.status]}${reason(check, detail)}\n`,
  body(snapshot, view, detail, checks) {
    const { message } = reportHead(snapshot, view, detail);
    const excluded = view.excluded.map((name) => `[ ]${name} excluded\n`);
    const ignored = view.ignored.map((name) => `no check ${oneLine(name)} to exclude\n`);
    const verdict = `${view.probe} is ${view.verdict.status}${message === undefined ? "" : `: ${message}`}\n`;
    return [...checks, ...excluded, ...ignored, verdict].join("");
  },
};

function reason({ message, hint }: CheckSnapshot, detail: string): string {
  if (detail !== "full" || message === null) return "";
  return oneLine(hint === null ? `: ${message}` : `: ${message} (${hint})`);
}

/** A caller's words, or an error's, make no line that another check could have written. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
