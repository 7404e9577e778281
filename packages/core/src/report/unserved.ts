import { errorResponse, type HealthResponse, withoutBody } from "./response.ts";

/** The answer to every method that no probe answers. */
export const notAllowed: HealthResponse = errorResponse(405, "a probe answers GET and HEAD", ["Allow", "GET, HEAD"]);

const GET = errorResponse(404, "not a health endpoint");
/** An answer for what is not a probe, for servers that serve nothing else. */
export const notFound: { readonly GET: HealthResponse; readonly HEAD: HealthResponse } = {
  GET,
  HEAD: withoutBody(GET),
};
