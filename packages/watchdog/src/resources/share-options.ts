import type { ScheduleOptions } from "@otel-health/core";

/** Options of a check of a share of something: 1 is all of it. */
export interface ShareOptions extends ScheduleOptions {
  /** Above this share, from 0 to 1, the check is degraded; `Infinity`: never. */
  readonly warnAbove?: number;
  /** Above this share, from 0 to 1, it fails; `Infinity`: never. */
  readonly failAbove?: number;
}

/** The options that are not the schedule's. */
export const shareOptions: { readonly warnAbove: true; readonly failAbove: true } = {
  warnAbove: true,
  failAbove: true,
};
