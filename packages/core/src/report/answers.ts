import type { Asked } from "./asked.ts";
import type { Format } from "./format.ts";
import type { Question } from "./question.ts";
import type { Rendering } from "./renderings.ts";
import type { Detail } from "./report.ts";
import { errorResponse, type HealthResponse, withoutBody } from "./response.ts";
import type { Located, Route } from "./routes.ts";

/** Answers given so far, by HTTP status code or by the name of an RPC's. */
export type RequestCounts = { [status: number | string]: number };

/** One more. */
export function count(counts: RequestCounts, status: number | string): void {
  counts[status] = (counts[status] ?? 0) + 1;
}

/** Where answers come from. */
export interface AnswerSource {
  /** Kept current. */
  rendering(asked: Asked): Rendering;
  /** Rendered when it is asked for. */
  variant(asked: Asked): Rendering;
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

/** The answer to every method that no probe answers. */
export const notAllowed: HealthResponse = errorResponse(405, "a probe answers GET and HEAD", ["Allow", "GET, HEAD"]);

const GET = errorResponse(404, "not a health endpoint");
/** An answer for what is not a probe, for servers that serve nothing else. */
export const notFound: { readonly GET: HealthResponse; readonly HEAD: HealthResponse } = {
  GET,
  HEAD: withoutBody(GET),
};
const nothing: Rendering = { get: notFound.GET, head: notFound.HEAD };
