/** Longer input is cut before any pattern looks at it, so that a hostile message costs a bounded time. */
const longestInput = 2_000;

/**
 * User and password of a URL or DSN, up to the last `@` before the host. A password may hold a raw `/`, `?` or `#`;
 * what stands behind a host and its port is left alone.
 */
const urlCredentials =
  /\b([a-z][a-z0-9+.-]{0,31}:\/\/)(?:[^\s/?#:[]*:(?!\d{1,5}(?:[/?#\s]|$))(?:(?!:\/\/)\S)+|[^\s/?#]+)@/gi;

/** Text in quotes, escaped ones included; a message that was cut may lack the closing one. */
const quoted = String.raw`(?<quote>\\*["'])(?:(?!\k<quote>)(?:\\[^]|[^\\]))*(?:\k<quote>)?`;
/** From a name to its value, however it was printed. */
const separator = String.raw`[\\"']*\s*(?:=>|[:=])\s*`;

/** A header that authorizes: of the usual schemes the one word that follows, otherwise the rest of the line. */
const header = new RegExp(
  String.raw`((?:authorization|cookie)${separator})(?:${quoted}|(?:basic|bearer|token|negotiate)\s+[^\s"',;]+|[^\r\n]+)`,
  "gi",
);

/** A token without its header. Prose ("basic authentication failed") has neither digits nor capitals inside a word. */
const bareToken = /\b([Bb]earer|[Bb]asic|BEARER|BASIC)\s+(?=[\w+/.~=-]*?(?:\d|[a-z][A-Z]))[\w+/.~=-]{8,}/g;

/** A signed token by its shape, wherever it stands: the header of each begins with `{"`. */
const jsonWebToken = /(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{4,2000}\.[\w-]*/g;

/** `password=…`, `"apiKey": "…"`, `?token=…`, up to what ends an unquoted value in prose, a query or a DSN. */
const namedSecret = new RegExp(
  String.raw`((?:(?:password|passwd|passphrase|pwd|secret|token|\bsig|amz-(?:signature|credential)|(?:access|account|api|encryption|master|private|secret|shared|signing)[_-]?key|(?<=[?&])key)${separator})+)(?:${quoted}|(?:\\(?:[^]|$)|[^\s&;"'\\])+?(?=[,)}\]]{0,3}(?:[\s&;"']|$)))`,
  "gi",
);

/** What Redis repeats of a command that it does not know; those of HELLO and AUTH are user and password. */
const repeatedArguments = /(\bwith args beginning with:)[^\r\n]+/gi;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * The beginning of a text, 2 000 characters at most, without the credentials that URLs, DSNs, headers and repeated commands
 * carry.
 */
export function withoutCredentials(text: string): string {
  return beginning(text)
    .replace(urlCredentials, "$1***@")
    .replace(header, "$1***")
    .replace(bareToken, "$1 ***")
    .replace(jsonWebToken, "***")
    .replace(namedSecret, "$1***")
    .replace(repeatedArguments, "$1 ***");
}

/** One line of at most `limit` characters, {@link withoutCredentials}. */
export function redact(text: string, limit = 500): string {
  const plain = withoutCredentials(text)
    .replace(controls, " ")
    .trim()
    // A cut through a surrogate pair, or a lone one that was given, would not survive UTF-8.
    .toWellFormed();
  return plain.length > limit ? `${plain.slice(0, limit - 1).toWellFormed()}…` : plain;
}

function beginning(text: string): string {
  if (text.length <= longestInput) return text;
  const cut = text.slice(0, longestInput);
  // The cut may have taken the `@` by which credentials are known.
  const lastUrl = cut.lastIndexOf("://");
  return lastUrl >= 0 && !/\s/.test(cut.slice(lastUrl)) ? cut.slice(0, lastUrl) : cut;
}
