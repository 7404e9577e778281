import type { Random } from "./random.ts";

type Pieces = readonly [string, ...string[]];

const probes: Pieces = ["/livez", "/healthz", "/readyz", "/ready", "/startupz", "/servez", "/groupz/checkout"];
const checks: Pieces = ["/outbox", "/database", "/nothing", "/__proto__", "/constructor", "/OUTBOX", "/-", "/a.b-c_d"];
const afar: Pieces = [
  "/",
  "/orders",
  "/orders?a=b",
  "/favicon.ico",
  "/.git/config",
  "/index.php",
  "/a/b/c/d",
  "/__proto__",
];
const beside: Pieces = [
  "/",
  "//",
  "/.",
  "/..",
  "%00",
  "%2f",
  "%2e%2e",
  ";a=b",
  ".json",
  "\\",
  "%",
  "%ff",
  "%0d%0aX-Evil:%201",
  "#",
  "~",
];
const queries: Pieces = [
  "",
  "verbose",
  "verbose=1&verbose=0",
  "exclude=database",
  "exclude=outbox,database,nothing",
  "exclude=%0d%0aX-Evil:%201",
  "exclude=%F0%9F%8D%B5&exclude=%ff&exclude=%",
  "__proto__=1&constructor[prototype]=2",
  "&&&===",
];

/** A URL of a probe, near one or far from one; never with what Node refuses to read. */
export function randomUrl(random: Random): string {
  if (random.chance(0.15)) return random.pick(afar);
  if (random.chance(0.02)) return `/${random.bytes(random.below(2_000), 0x21, 0x7f)}`;
  let path = random.pick(probes);
  if (random.chance(0.2)) path += random.pick(checks);
  if (random.chance(0.3)) path = beyond(random, path);
  if (random.chance(0.03)) path = `http://${random.pick(["orders", "a:1", "[::1]"])}${path}`;
  return random.chance(0.4) ? `${path}?${randomQuery(random)}` : path;
}

function beyond(random: Random, path: string): string {
  const at = 1 + random.below(path.length);
  const [before, after] = [path.slice(0, at), path.slice(at)];
  switch (random.below(6)) {
    case 0:
      return before + random.pick(beside) + after;
    case 1:
      return path + random.pick(beside);
    case 2:
      return random.pick(["/", "/..", "/.", "/%2e%2e", "/x"]) + path;
    case 3:
      return before + after.toUpperCase();
    case 4:
      return before + after.slice(1);
    default:
      return before + random.bytes(1 + random.below(3), 0x21, 0x7f) + after;
  }
}

function randomQuery(random: Random): string {
  if (random.chance(0.1)) return random.bytes(random.below(200), 0x21, 0x7f);
  const many = random.chance(0.02) ? random.below(80) : 1;
  return Array.from({ length: many }, () => random.pick(queries)).join("&");
}
