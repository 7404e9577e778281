import { describeFuzz } from "@otel-health/testkit/fuzz";
import { adapter } from "./adapter.ts";

/** The same requests each time, unless another seed is tried. */
const seed = Number(process.env["FUZZ_SEED"] ?? 1);

describeFuzz(adapter, { requests: 100_000, seed });
