import { isCheckName } from "../check/is-check-name.ts";

/** A route with what else stands in a URL. */
export interface Located<R> {
  readonly route: R;
  /** The last segment, where the route is of what stands before it: the name of a check. */
  readonly check: string | undefined;
  /** What stands behind the `?`. */
  readonly query: string;
}

/** Finds the route of a URL with a query, a trailing slash or the name of a check; undefined where there is none. */
export function locate<R>(routes: ReadonlyMap<string, R>, url: string): Located<R> | undefined {
  const { path, query } = split(url);
  const whole = routes.get(path);
  if (whole !== undefined) return { route: whole, check: undefined, query };
  const slash = path.lastIndexOf("/");
  const route = routes.get(path.slice(0, slash));
  const check = path.slice(slash + 1);
  return route === undefined || !isCheckName(check) ? undefined : { route, check, query };
}

/** The path without query, fragment and trailing slash; of an absolute URL, its path. */
function split(url: string): { readonly path: string; readonly query: string } {
  const hash = url.indexOf("#");
  const whole = hash < 0 ? url : url.slice(0, hash);
  const mark = whole.indexOf("?");
  let path = mark < 0 ? whole : whole.slice(0, mark);
  const query = mark < 0 ? "" : whole.slice(mark + 1);
  const scheme = path.startsWith("/") ? -1 : path.indexOf("://");
  if (scheme > 0) {
    const slash = path.indexOf("/", scheme + 3);
    path = slash < 0 ? "/" : path.slice(slash);
  }
  return { path: path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path, query };
}
