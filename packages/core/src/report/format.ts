import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import { healthJson } from "./health-json.ts";
import { json } from "./json.ts";
import type { Detail } from "./report.ts";
import { text } from "./text.ts";
import type { View } from "./view.ts";

/** How an answer is written down: our own JSON, lines of text, or the JSON of draft-inadarei-api-health-check. */
export type Format = "json" | "health+json" | "text";

/** Writes reports in one format. Pure. */
export interface Writer {
  readonly contentType: string;
  /** One check by itself: kept for as long as nothing about the check changes. */
  check(check: CheckSnapshot, detail: Detail): string;
  /** The whole body; `checks` are those of the view, written, and none at detail `status`. */
  body(snapshot: HealthSnapshot, view: View, detail: Detail, checks: readonly string[]): string;
}

/** All formats, in the order in which they are preferred. */
export const formats: readonly Format[] = ["json", "health+json", "text"];

/** The writers of all formats. */
export const writers: { readonly [F in Format]: Writer } = { json, "health+json": healthJson, text };
