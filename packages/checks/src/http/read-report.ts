/** What another service says of its own health. */
export interface ForeignReport {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly message: string | undefined;
}

/** Those of this library, of the draft for health checks (`application/health+json`), and of Spring Boot's actuator. */
const words: { readonly [word: string]: ForeignReport["status"] } = {
  healthy: "healthy",
  degraded: "degraded",
  unhealthy: "unhealthy",
  pass: "healthy",
  warn: "degraded",
  fail: "unhealthy",
  up: "healthy",
  ok: "healthy",
  down: "unhealthy",
  out_of_service: "unhealthy",
};

/** Reads a report; undefined for what is none. */
export function readReport(text: string): ForeignReport | undefined {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof report !== "object" || report === null) return undefined;
  const { status: word, message, output } = report as Readonly<Record<string, unknown>>;
  if (typeof word !== "string" || !Object.hasOwn(words, word.toLowerCase())) return undefined;
  const status = words[word.toLowerCase()] as ForeignReport["status"];
  const said = [message, output].find((text) => typeof text === "string" && text !== "");
  return { status, message: said as string | undefined };
}
