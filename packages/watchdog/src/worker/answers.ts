import {
  type Format,
  formatOf,
  type HealthResponse,
  type LoopBlock,
  locate,
  notAllowed,
  notFound,
  overlay,
  withoutBody,
} from "@otel-health/core/worker";
import type { AnswerCounts } from "../memory/answer-counts.ts";
import type { AnswerPlan, Publication } from "../memory/publication.ts";

/** The parts of a request that matter here. */
export interface ProbeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly accept?: string | undefined };
}

/** Where a path leads: the numbers of its plans. */
type Route = { readonly [F in Format]: number };

/** An answer as it is given for as long as nothing changes. */
interface Given {
  readonly publication: Publication;
  readonly since: number | undefined;
  readonly stage: LoopBlock["stage"] | undefined;
  readonly get: HealthResponse;
  readonly head: HealthResponse;
}

/**
 * Answers as `respond()` does, from what was published and what is known of the loop. What would have to be rendered,
 * the answers to a query and those about one check, it has not: a query is ignored, a check is not found.
 */
export class Answers {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #counts: AnswerCounts;
  readonly #given: (Given | undefined)[] = [];

  constructor(plans: readonly AnswerPlan[], counts: AnswerCounts) {
    this.#routes = routesOf(plans);
    this.#counts = counts;
  }

  /** The answer to whatever is asked. */
  respond({ method, url = "", headers }: ProbeRequest, publication: Publication, block?: LoopBlock): HealthResponse {
    const whole = this.#routes.get(url);
    const located = whole === undefined ? locate(this.#routes, url) : undefined;
    const route = whole ?? located?.route;
    if (route === undefined) return method === "HEAD" ? notFound.HEAD : notFound.GET;
    const answer = this.#answer(route, located?.check, method, headers.accept, publication, block);
    this.#counts.count(route.json, answer.status);
    return answer;
  }

  #answer(
    route: Route,
    check: string | undefined,
    method: string | undefined,
    accept: string | undefined,
    publication: Publication,
    block: LoopBlock | undefined,
  ): HealthResponse {
    if (method !== "GET" && method !== "HEAD") return notAllowed;
    if (check !== undefined) return notFound[method];
    const given = this.#give(route[formatOf(accept)], publication, block);
    return method === "GET" ? given.get : given.head;
  }

  #give(plan: number, publication: Publication, block: LoopBlock | undefined): Given {
    const given = this.#given[plan];
    const { since, stage } = block ?? {};
    if (given?.publication === publication && given.since === since && given.stage === stage) return given;
    const published = publication.answer(plan);
    const get = block === undefined ? published.response : overlay(published, block);
    const next = { publication, since, stage, get, head: withoutBody(get) };
    this.#given[plan] = next;
    return next;
  }
}

function routesOf(plans: readonly AnswerPlan[]): ReadonlyMap<string, Route> {
  const routes = new Map<string, Partial<Record<Format, number>>>();
  plans.forEach(({ paths, format }, number) => {
    for (const path of paths) routes.set(path, { ...routes.get(path), [format]: number });
  });
  return routes as ReadonlyMap<string, Route>;
}
