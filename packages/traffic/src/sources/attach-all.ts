import type { AttachCheck } from "@otel-health/core";

/** Attaches all that is given; what it returns detaches all of it. */
export function attachAll(all: readonly (AttachCheck | undefined)[]): AttachCheck {
  return (runNow) => {
    const detach = all.map((attach) => attach?.(runNow));
    return () => {
      for (const each of detach) each?.();
    };
  };
}
