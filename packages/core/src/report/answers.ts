import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";
import type { Asked } from "./asked.ts";
import type { Format } from "./format.ts";
import type { Located } from "./locate.ts";
import type { Question } from "./question.ts";
import type { RenderedAnswer } from "./rendered-answer.ts";
import type { Rendering } from "./renderings.ts";
import type { Detail } from "./report.ts";
import type { HealthResponse } from "./response.ts";
import type { Route } from "./routes.ts";
import { notFound } from "./unserved.ts";

/** Answers given so far, by HTTP status code or by the name of an RPC's. */
export type RequestCounts = { [status: number | string]: number };

/** One more, or several. */
export function count(counts: RequestCounts, status: number | string, times: number = 1): void {
  counts[status] = (counts[status] ?? 0) + times;
}

/** Where answers come from. */
export interface AnswerSource {
  /** Kept current. */
  rendering(asked: Asked): Rendering;
  /** Rendered when it is asked for. */
  variant(asked: Asked): Rendering;
  /** Rendered by the call and not kept. */
  write(asked: Asked): HealthResponse;
  verdict(probe: AnyProbe): VerdictStatus;
}

/** A route with what it needs to answer. */
export interface ServedRoute extends Route {
  readonly counts: RequestCounts;
  readonly renderings: { [F in Format]?: Rendering };
}

/** Finds the answer to a request whose route is known. */
export class Answers {
  readonly #source: AnswerSource;
  readonly #reasonHeader: boolean;

  constructor(source: AnswerSource, reasonHeader: boolean) {
    this.#source = source;
    this.#reasonHeader = reasonHeader;
  }

  /** What the route's path alone asks for: the commonest case, which only picks a rendering up. */
  plain(route: ServedRoute, format: Format): Rendering {
    route.renderings[format] ??= this.#source.rendering(this.#asked(route, format, route.detail));
    return route.renderings[format];
  }

  /** The same, written by the call and kept by nobody. */
  now(route: ServedRoute, format: Format): Pick<RenderedAnswer, "verdict" | "response"> {
    const response = this.#source.write(this.#asked(route, format, route.detail));
    return { verdict: this.#source.verdict(route.probe), response };
  }

  /** What a query or the path of a check asks for. */
  particular({ route, check }: Located<ServedRoute>, { exclude }: Question, format: Format, detail: Detail): Rendering {
    // Where no check is told of, none can be asked for.
    if (detail === "status") return check === undefined ? this.plain(route, format) : nothing;
    const asked = this.#asked(route, format, detail);
    if (check !== undefined) return this.#source.variant({ ...asked, check });
    if (exclude.length > 0) return this.#source.variant({ ...asked, exclude });
    return detail === route.detail ? this.plain(route, format) : this.#source.variant(asked);
  }

  #asked({ probe, statusCodes }: Route, format: Format, detail: Detail): Asked {
    return { probe, detail, format, statusCodes, reasonHeader: this.#reasonHeader };
  }
}

const nothing: Rendering = { get: notFound.GET, head: notFound.HEAD };
