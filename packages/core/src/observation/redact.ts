/** Longer input is cut before any pattern looks at it, so that a hostile message costs a bounded time. */
const longestInput = 2_000;

/** User and password of a URL or DSN, up to the last `@` before the host. */
const urlCredentials = /\b([a-z][a-z0-9+.-]{0,31}:\/\/)[^\s/?#]{1,512}@/gi;
/** `Authorization: Basic …`, `authorization=Bearer …`: the scheme and all that follows it. */
const authorization =
  /\b((?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:basic|bearer|digest|token|negotiate|aws4-hmac-sha256)\s{1,4})?[^\s"',;]{1,1024}/gi;
/** A bearer token without its header. */
const bearer = /\b(bearer|basic)\s{1,4}[a-z0-9+/_.~=-]{8,1024}/gi;
/** `password=…`, `"api_key": "…"`, `?token=…`. */
const secretValue =
  /\b((?:[a-z0-9]{1,32}[_-])?(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|sslpassword)["']?\s{0,4}[:=]\s{0,4})("[^"]{0,512}"|'[^']{0,512}'|[^\s"'&;,)}\]]{1,512})/gi;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** One line of at most `limit` characters, without the credentials that URLs, DSNs and headers carry. */
export function redact(text: string, limit = 500): string {
  const plain = text
    .slice(0, longestInput)
    .replace(controls, " ")
    .replace(urlCredentials, "$1***@")
    .replace(authorization, "$1***")
    .replace(bearer, "$1 ***")
    .replace(secretValue, "$1***")
    .trim()
    // A cut through a surrogate pair, or a lone one that was given, would not survive UTF-8.
    .toWellFormed();
  return plain.length > limit ? `${plain.slice(0, limit - 1).toWellFormed()}…` : plain;
}
