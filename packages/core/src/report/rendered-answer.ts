import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";
import type { Format } from "./format.ts";
import type { HealthResponse } from "./response.ts";
import type { StatusCodes } from "./status-codes.ts";

/** The answer to GET that a probe gives in one format, with what it takes to say later that it is worse than that. */
export interface RenderedAnswer {
  /** All that lead there. */
  readonly paths: readonly string[];
  readonly probe: AnyProbe;
  readonly format: Format;
  readonly verdict: VerdictStatus;
  readonly statusCodes: StatusCodes;
  readonly response: HealthResponse;
}
