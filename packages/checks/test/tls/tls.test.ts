import type { DetailedPeerCertificate } from "node:tls";
import { tls } from "@otel-health/checks/tls";
import { describe, expect, it } from "vitest";
import { diagnoseTls } from "../../src/tls/diagnose.ts";
import { type Certificate, chainOf, judgeChain, type Margins } from "../../src/tls/judge-chain.ts";
import { complaint } from "../running.ts";

const at = { host: "a", port: 443 };

describe("tls", () => {
  it.each([
    [undefined, {}, "the endpoint of tls() must be an object { host, port }"],
    [{ host: "a" }, {}, "port of tls()"],
    [{ ...at, servername: "" }, {}, "servername of tls() must be a host name"],
    [{ ...at, ca: 5 }, {}, "ca of tls() must be certificates in PEM"],
    [{ ...at, ca: ["a", 5] }, {}, "ca of tls() must be certificates in PEM"],
    [{ ...at, ca: "not a pem" }, {}, 'ca of tls() must be certificates in PEM, or an array of them, got "not a pem"'],
    [{ ...at, alpn: [] }, {}, "alpn of tls() must be an array of protocols"],
    [{ ...at, alpn: "h2" }, {}, "alpn of tls()"],
    [{ ...at, rejectUnauthorized: false }, {}, "the endpoint of tls() must be an object of host, port, servername"],
    [at, { warnBeforeDays: -1 }, "warnBeforeDays of tls() must be days from 0 to 36500, got -1"],
    [at, { failBeforeDays: "7" }, "failBeforeDays of tls() must be days"],
    [at, { failBeforeDays: 7, warnBeforeDays: 3 }, "failBeforeDays of tls() must be at most warnBeforeDays, got 7"],
    [at, { days: 3 }, "days is not an option of tls()"],
  ])("refuses %j with %j", (endpoint, options, message) => {
    expect(complaint(() => tls(endpoint as never, options as never))).toContain(message);
  });

  it("looks beyond the process", () => {
    expect(tls(at)).toMatchObject({ external: true });
  });
});

const day = 86_400_000;
const now = Date.UTC(2026, 10, 22, 13);

function certificate(name: string, leftDays: number, livesDays = 365): Certificate {
  const validTo = now + leftDays * day;
  return { name, isLeaf: name === "leaf", validFrom: validTo - livesDays * day, validTo };
}

const judge = (chain: readonly Certificate[], margins: Partial<Margins> = {}) =>
  judgeChain(chain, now, { warnBeforeDays: undefined, failBeforeDays: 0, ...margins });

describe("judgeChain", () => {
  it("warns 14 days before the end", () => {
    expect(judge([certificate("leaf", 14)])).toBeUndefined();
    expect(judge([certificate("leaf", 13.9)])).toMatchObject({
      status: "warn",
      message: "the certificate of leaf expires at 2026-12-06T10:36:00.000Z, in 13 days",
    });
  });

  it("warns in the last third of a life that is short", () => {
    expect(judge([certificate("leaf", 2.1, 6)])).toBeUndefined();
    expect(judge([certificate("leaf", 1.9, 6)])).toMatchObject({
      status: "warn",
      message: expect.stringMatching(/in 45 hours$/),
    });
    expect(judge([certificate("leaf", 2.1, 6)], { warnBeforeDays: 3 })).toMatchObject({ status: "warn" });
  });

  it("fails from failBeforeDays on", () => {
    expect(judge([certificate("leaf", 7)], { failBeforeDays: 7 })).toMatchObject({ status: "warn" });
    expect(judge([certificate("leaf", 6.9)], { failBeforeDays: 7 })).toMatchObject({
      status: "fail",
      errorType: "certificate_expires",
      fault: "persistent",
    });
    expect(judge([certificate("leaf", -0.1)])).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/in 0 seconds$/),
    });
  });

  it("counts the first of the chain that ends, and says which", () => {
    const chain = [certificate("leaf", 100), certificate("R3", 3), certificate("root", 1_000)];
    expect(judge(chain)).toMatchObject({
      status: "warn",
      message: expect.stringMatching(/^the certificate of the authority R3 expires/),
    });
  });

  it("only warns of one that is over and that the trust does not hang on", () => {
    const chain = [certificate("leaf", 100), certificate("old root", -30)];
    expect(judge(chain, { failBeforeDays: 7 })).toMatchObject({
      status: "warn",
      message: expect.stringMatching(/old root expired at/),
    });
    // What the trust does hang on comes first.
    expect(judge([certificate("leaf", 1), certificate("old root", -30)], { failBeforeDays: 7 })).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/^the certificate of leaf expires/),
    });
    expect(judge([certificate("leaf", 100), certificate("R3", 3), certificate("old root", -30)])).toMatchObject({
      message: expect.stringMatching(/^the certificate of the authority R3 expires/),
    });
  });

  it("fails where there is no certificate, or none that can be read", () => {
    expect(judge([])).toMatchObject({ status: "fail", errorType: "no_certificate" });
    expect(judge([{ ...certificate("leaf", 1), validTo: Number.NaN }])).toMatchObject({ errorType: "no_certificate" });
  });
});

describe("diagnoseTls", () => {
  it("knows an alert by its end, in each version of OpenSSL", () => {
    const diagnosed = (code: unknown) => diagnoseTls(Object.assign(new Error("no"), { code }));
    const expected = { errorType: "handshake_failure", fault: "persistent" };
    expect(diagnosed("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE")).toMatchObject(expected);
    expect(diagnosed("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE")).toMatchObject(expected);
    expect(diagnosed("ECONNRESET")).toBeUndefined();
    expect(diagnosed(5)).toBeUndefined();
  });
});

describe("chainOf", () => {
  const one = (subject: object | undefined, more: object = {}) =>
    ({
      subject,
      valid_from: "Nov 22 13:00:00 2026 GMT",
      valid_to: "Nov 23 13:00:00 2026 GMT",
      ...more,
    }) as unknown as DetailedPeerCertificate;

  it("goes from the server's own to a root, which is its own issuer", () => {
    const root = one({ O: "Root" });
    root.issuerCertificate = root;
    const leaf = one({ CN: "leaf" }, { issuerCertificate: root });
    expect(chainOf(leaf)).toEqual([
      { name: "leaf", isLeaf: true, validFrom: now, validTo: now + day },
      { name: "Root", isLeaf: false, validFrom: now, validTo: now + day },
    ]);
  });

  it("names those that have no name by what they are for", () => {
    const names = (certificate: DetailedPeerCertificate) => chainOf(certificate)[0]?.name;
    expect(names(one(undefined, { subjectaltname: "DNS:a.test, DNS:b.test" }))).toBe("a.test");
    expect(names(one({}, { subjectaltname: "IP Address:10.0.0.1" }))).toBe("10.0.0.1");
    expect(names(one({ CN: ["first", "second"] }))).toBe("first");
    expect(names(one({}))).toBe("an unnamed subject");
  });

  it("ends where there is none, and where a chain does not", () => {
    expect(chainOf({} as DetailedPeerCertificate)).toEqual([]);
    const a = one({ CN: "a" });
    const b = one({ CN: "b" }, { issuerCertificate: a });
    a.issuerCertificate = b;
    expect(chainOf(a)).toHaveLength(10);
  });
});
