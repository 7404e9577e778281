import { createHealth, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const health = createHealth({ checks: { told: push() }, clock: new FakeClock() });

/** What becomes of a check's message. */
function told(message: string): string {
  health.checks.told.fail(message);
  return health.snapshot().checks.told.message ?? "";
}

/** Something that no other part of a message looks like, of the characters that `alphabet` adds to letters and digits. */
function secretOf(alphabet: string): fc.Arbitrary<string> {
  const letters = [...`abcdefXYZ0123456789${alphabet}`];
  return fc
    .string({ unit: fc.constantFrom(...letters), minLength: 8, maxLength: 40 })
    .map((secret) => `S3cR${secret}q9Z`);
}

const host = fc.constantFrom("db.internal", "127.0.0.1:5432", "[::1]:6379", "h1:27017,h2:27017", "localhost");
const user = fc.constantFrom("", "orders", "orders@tenant", "or%40ders", "o.r-d_e+rs");
const scheme = fc.constantFrom("postgres", "redis", "rediss", "mongodb+srv", "amqp", "https", "jdbc:mysql", "HTTP");

describe("a message", () => {
  it.each([
    [
      "a PostgreSQL URL",
      "cannot reach postgres://orders:hunter2@db:5432/orders",
      "cannot reach postgres://***@db:5432/orders",
    ],
    ["a password without a user", "redis://:hunter2@cache:6379/0", "redis://***@cache:6379/0"],
    [
      "several hosts",
      "mongodb://orders:hunter2@h1:27017,h2:27017/orders?replicaSet=a",
      "mongodb://***@h1:27017,h2:27017/orders?replicaSet=a",
    ],
    [
      "several URLs",
      "amqp://a:hunter2@h1,amqp://b:hunter2@h2 and https://c:hunter2@h3/",
      "amqp://***@h1,amqp://***@h2 and https://***@h3/",
    ],
    ["percent-encoded parts", "amqp://or%40ders:hun%2Fter%402@rabbit/%2Fvhost", "amqp://***@rabbit/%2Fvhost"],
    ["a user with an @", "postgres://orders@tenant:hunter2@db/orders", "postgres://***@db/orders"],
    ["a password with an @", "postgres://orders:hunt@er2@db/orders", "postgres://***@db/orders"],
    [
      "a password with a raw slash",
      "Invalid URL: postgres://orders:hun/ter2@db/orders",
      "Invalid URL: postgres://***@db/orders",
    ],
    ["a password with a raw ? and #", "postgres://orders:hun?te#r2@db/orders", "postgres://***@db/orders"],
    ["an IPv6 host", "redis://u:hunter2@[::1]:6379", "redis://***@[::1]:6379"],
    ["a token as the user", "https://ghp_hunter2@git.example/x.git", "https://***@git.example/x.git"],
    ["a URL in quotes", 'connect to "postgres://u:hunter2@db/x" failed', 'connect to "postgres://***@db/x" failed'],
  ])("hides the credentials of %s", (_, given, expected) => {
    expect(told(given)).toBe(expected);
  });

  it.each([
    ["Authorization: Bearer hunter2", "Authorization: ***"],
    ["authorization: bearer hunter2 was refused", "authorization: *** was refused"],
    ["AUTHORIZATION=Basic aHVudGVyMjpodW50ZXIy", "AUTHORIZATION=***"],
    ["Proxy-Authorization: Basic aHVudGVyMg== at proxy", "Proxy-Authorization: *** at proxy"],
    ["headers: { authorization: 'Bearer hunter2', accept: '*/*' }", "headers: { authorization: ***, accept: '*/*' }"],
    ['{"Authorization":"Bearer hunter2","host":"api"}', '{"Authorization":***,"host":"api"}'],
    ['{\\"Authorization\\":\\"Bearer hunter2\\"}', '{\\"Authorization\\":***}'],
    ['Authorization: Digest username="u", realm="r", response="hunter2"', "Authorization: ***"],
    ["Authorization: AWS4-HMAC-SHA256 Credential=AKIA, SignedHeaders=host, Signature=hunter2", "Authorization: ***"],
    ["Authorization: hunter2", "Authorization: ***"],
    [
      "jwt malformed: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.aHVudGVyMg-_x, expired",
      "jwt malformed: ***, expired",
    ],
    ["GET https://maps.example/v1?q=a&key=hunter2&z=1 failed", "GET https://maps.example/v1?q=a&key=***&z=1 failed"],
    ["https://maps.example/?key=hunter2", "https://maps.example/?key=***"],
    ["authorization => Token hunter2", "authorization => ***"],
    ["rawHeaders: [ 'Authorization', 'Bearer hunter22' ]", "rawHeaders: [ 'Authorization', 'Bearer ***' ]"],
    ["sent Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc-_", "sent Bearer ***"],
    ["sent basic aHVudGVyMjpodW50ZXIy to the API", "sent basic *** to the API"],
    ["Cookie: sid=hunter2; theme=dark", "Cookie: ***"],
    ["Set-Cookie: sid=hunter2; Path=/; HttpOnly", "Set-Cookie: ***"],
  ])("hides what authorizes in %s", (given, expected) => {
    expect(told(given)).toBe(expected);
  });

  it.each([
    ["password=hunter2", "password=***"],
    ["PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"],
    ["host=db user=orders password=hunter2 dbname=orders", "host=db user=orders password=*** dbname=orders"],
    ["host=db password='hunt er\\'2' dbname=orders", "host=db password=*** dbname=orders"],
    ["host=db password = hunt\\ er2 dbname=orders", "host=db password = *** dbname=orders"],
    ["password=hun,t)er2", "password=***"],
    ["(user=orders, password=hunter2)", "(user=orders, password=***)"],
    ['{"user":"orders","apiKey":"hunt\\"er2","port":1}', '{"user":"orders","apiKey":***,"port":1}'],
    ['{\\"password\\":\\"hunter2\\",\\"port\\":1}', '{\\"password\\":***,\\"port\\":1}'],
    ["{ password: 'hunter2', host: 'db' }", "{ password: ***, host: 'db' }"],
    ['password="hunter2 and no closing quote', "password=***"],
    ["token= password='hunter2'", "token= password=***"],
    ["https://api.example/v1?token=hunter2&limit=5", "https://api.example/v1?token=***&limit=5"],
    ["https://api.example/v1?access_token=hunter2#top", "https://api.example/v1?access_token=***"],
    ["https://s3.example/o?X-Amz-Signature=hunter2&x=1", "https://s3.example/o?X-Amz-Signature=***&x=1"],
    ["https://blob.example/o?sv=1&sig=hunter2%3D", "https://blob.example/o?sv=1&sig=***"],
    ["AWS_SECRET_ACCESS_KEY=hunter2", "AWS_SECRET_ACCESS_KEY=***"],
    ["clientSecret: hunter2", "clientSecret: ***"],
    ["refreshToken=hunter2", "refreshToken=***"],
    ["x-api-key: hunter2", "x-api-key: ***"],
    ["Server=db;User Id=sa;Password=hunter2;Encrypt=true", "Server=db;User Id=sa;Password=***;Encrypt=true"],
    ["AccountName=x;AccountKey=hunter2==;EndpointSuffix=y", "AccountName=x;AccountKey=***;EndpointSuffix=y"],
    ["jdbc:postgresql://db/x?user=u&password=hunter2", "jdbc:postgresql://db/x?user=u&password=***"],
  ])("hides the secret of %s", (given, expected) => {
    expect(told(given)).toBe(expected);
  });

  it.each([
    [
      "ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `app`, `hunter2`, ",
      "ERR unknown command `HELLO`, with args beginning with: ***",
    ],
    [
      "it says: ERR unknown command 'auth', With Args Beginning With: 'app' 'hunt er2' \nand gave up",
      "it says: ERR unknown command 'auth', With Args Beginning With: *** and gave up",
    ],
  ])("hides the arguments that a server repeats: %s", (given, expected) => {
    expect(told(given)).toBe(expected);
  });

  it.each([
    "connect ECONNREFUSED 127.0.0.1:5432",
    "connect ECONNREFUSED ::1:5432",
    "no route to http://[2001:db8::1]:8080/@scope/x",
    "getaddrinfo ENOTFOUND db.internal",
    'password authentication failed for user "orders"',
    "the token has expired",
    "no secret is configured, and no api key either",
    "Basic authentication is required",
    "bearer authorization was refused",
    "basic functionality is missing",
    "Unexpected token < in JSON at position 0",
    "mail ops@example.com, or team+orders@example.co.uk",
    "see https://docs.example.com/a:b/c or mail ops@example.com",
    "GET https://registry.example:4873/@scope/pkg answered 404",
    "https://example.com/users?email=ops@example.com",
    "duplicate key value violates unique constraint",
    "Key (id)=(5) already exists",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string",
    "unauthorized: authorization failed",
    "at run (file:///srv/app/node_modules/@scope/pkg/index.js:10:5)",
    "größer als 1 % — 健康 🩺",
  ])("leaves alone: %s", (given) => {
    expect(told(given)).toBe(given);
  });

  it("never shows a URL's password, whatever it is made of", () => {
    // Where one URL ends and the next begins is told by `://`.
    const secret = secretOf("/?#@:%!$&*()+,;=-._~[]{}|^`<>\\").filter((secret) => !secret.includes("://"));
    fc.assert(
      fc.property(scheme, user, secret, host, (scheme, user, secret, host) => {
        expect(told(`before ${scheme}://${user}:${secret}@${host}/name after`)).not.toContain(secret);
      }),
    );
  });

  it("never shows a header's token, whatever it is made of", () => {
    const header = fc.constantFrom("authorization", "Authorization", "PROXY-AUTHORIZATION");
    const separator = fc.constantFrom(": ", "=", " = ", ":", " => ");
    const kind = fc.constantFrom("", "Basic ", "bearer ", "Token ", "Digest a=b, c=", "NEGOTIATE ", "X-Own ");
    fc.assert(
      fc.property(header, separator, kind, secretOf("/+=-._~"), (header, separator, kind, secret) => {
        expect(told(`sent ${header}${separator}${kind}${secret} to it`)).not.toContain(secret);
      }),
    );
  });

  it("never shows a named secret, quoted or not", () => {
    const key = fc.constantFrom(
      "password",
      "DB_PASSWORD",
      "userPassword",
      "api-key",
      "apiKey",
      "client_secret",
      "token",
      "pwd",
    );
    const separator = fc.constantFrom("=", ": ", " = ", '": ', "': ", '\\":');
    const quoted = fc
      .constantFrom("'", '"')
      .chain((quote) => secretOf(" ,;&)}]@/:").map((secret) => ({ secret, written: `${quote}${secret}${quote}` })));
    const bare = secretOf(",)}]@/:+%\\").map((secret) => ({ secret, written: secret }));
    fc.assert(
      fc.property(key, separator, fc.oneof(quoted, bare), (key, separator, { secret, written }) => {
        expect(told(`with ${key}${separator}${written} at db`)).not.toContain(secret);
      }),
    );
  });

  it("hides credentials wherever in a long message they stand", () => {
    const written = fc.constantFrom(
      (secret: string) => `postgres://orders:${secret}@db/x`,
      (secret: string) => `password=${secret}`,
      (secret: string) => `token="${secret} ${secret}"`,
      (secret: string) => `Authorization: Bearer ${secret}`,
    );
    const words = fc.nat(2_500).map((length) => "lorem ipsum ".repeat(length / 12));
    const masked = fc.nat(2_500).map((length) => `token=${"x".repeat(length)} `);
    fc.assert(
      fc.property(masked, words, written, secretOf(""), fc.nat(2_500), (masked, words, written, secret, length) => {
        const long = secret + "x".repeat(length);
        expect(told(`${masked}${words}${written(long)} after`)).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });

  it("is one bounded line of well-formed text, whatever was given", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 3_000 }),
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 3_000 }).map((units) => String.fromCharCode(...units)),
      fc
        .tuple(
          fc.constantFrom(
            "a://",
            "a:@",
            "password=",
            "authorization:",
            "with args beginning with:",
            "\\",
            '"',
            "é",
            "🩺",
            ",)",
            " ",
          ),
          fc.nat(3_000),
        )
        .map(([part, times]) => part.repeat(times)),
    );
    fc.assert(
      fc.property(hostile, (given) => {
        const message = told(given);
        expect(message.length).toBeLessThanOrEqual(500);
        expect(message).toMatch(/^[^\p{Cc}\u2028\u2029]*$/u);
        expect(message.isWellFormed()).toBe(true);
        expect(Buffer.from(message).toString()).toBe(message);
      }),
    );
  });

  it("reads no more of a hostile message than its beginning", () => {
    const beginning = "x".repeat(400);
    expect(told(`${beginning} ${"y".repeat(10_000_000)}`)).toBe(told(`${beginning} ${"y".repeat(2_000)}`));
    expect(told(`token=${"x".repeat(1_900)} read`)).toBe("token=*** read");
    expect(told(`token=${"x".repeat(2_000)} not read`)).toBe("token=***");
  });

  it("ends with … where it was cut, and never inside a character", () => {
    expect(told("🩺".repeat(400))).toBe(`${"🩺".repeat(249)}\ufffd…`);
    expect(told("x".repeat(500))).toBe("x".repeat(500));
    expect(told("x".repeat(501))).toBe(`${"x".repeat(499)}…`);
  });

  it("has no line breaks, escapes or other controls", () => {
    expect(told("first\r\nsecond\u001b[31m\u0000third\u2028end\n")).toBe("first second [31m third end");
  });
});

describe("a hint", () => {
  it("is redacted and bounded too", () => {
    health.checks.told.fail("down", { hint: `is redis://:hunter2@cache up? ${"x".repeat(1_000)}` });
    const hint = health.snapshot().checks.told.hint;
    expect(hint).toMatch(/^is redis:\/\/\*\*\*@cache up\? x+…$/);
    expect(hint).toHaveLength(300);
  });
});
