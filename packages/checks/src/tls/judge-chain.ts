import type { DetailedPeerCertificate } from "node:tls";
import { demand, fail, type Outcome, warn } from "@otel-health/core";
import { timeInWords } from "../dependency/in-words.ts";

/** A certificate as far as its end is concerned. */
export interface Certificate {
  /** As an operator would call it. */
  readonly name: string;
  /** Whether it is the server's own. */
  readonly isLeaf: boolean;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** How long before a certificate's end something is said. */
export interface Margins {
  readonly warnBeforeDays: number | undefined;
  readonly failBeforeDays: number;
}

const dayMs = 86_400_000;
/** Where it is not said otherwise. */
const warnBeforeDays = 14;
/** Of a certificate's life: many that are renewed automatically live for less than 14 days. */
const warnShare = 1 / 3;
/** A chain that does not end with itself has to end somewhere. */
const longestChain = 10;

/** Throws `invalid_option` for what are no days. */
export function demandDays(what: string, given: unknown): void {
  const isTime = typeof given === "number" && given >= 0 && given <= 36_500;
  demand(isTime, what, "days from 0 to 36500", given);
}

/** The certificates from the server's own to the root, where it is known. */
export function chainOf(leaf: DetailedPeerCertificate): readonly Certificate[] {
  const chain: Certificate[] = [];
  let certificate: DetailedPeerCertificate | undefined = leaf;
  // A root is its own issuer. A server without a certificate has an empty object.
  while (certificate?.valid_to !== undefined && chain.length < longestChain) {
    const { subject, subjectaltname, valid_from, valid_to, issuerCertificate }: DetailedPeerCertificate = certificate;
    chain.push({
      name: nameOf(subject, subjectaltname),
      isLeaf: chain.length === 0,
      validFrom: Date.parse(valid_from),
      validTo: Date.parse(valid_to),
    });
    certificate = issuerCertificate === certificate ? undefined : issuerCertificate;
  }
  return chain;
}

/** Judges a chain that is trusted now; undefined where it will be for long enough. */
export function judgeChain(chain: readonly Certificate[], now: number, margins: Margins): Outcome | undefined {
  const isUnread = chain.some(({ validTo }) => Number.isNaN(validTo));
  const sorted = [...chain].sort((one, other) => one.validTo - other.validTo);
  // The handshake went well: past an authority that has expired there is another way to a root.
  const isNeeded = ({ isLeaf, validTo }: Certificate) => isLeaf || validTo >= now;
  const first = sorted.find(isNeeded);
  if (first === undefined || isUnread) {
    return fail("the server showed no certificate that can be read", {
      errorType: "no_certificate",
      fault: "persistent",
      hint: "does the server offer ciphers that need no certificate?",
    });
  }
  const expired = sorted.find((certificate) => !isNeeded(certificate));
  return judgeEnd(first, now, margins) ?? (expired && needless(expired));
}

function inWords({ name, isLeaf }: Certificate): string {
  return isLeaf ? `the certificate of ${name}` : `the certificate of the authority ${name}`;
}

function needless(expired: Certificate): Outcome {
  const when = new Date(expired.validTo).toISOString();
  return warn(`${inWords(expired)} expired at ${when}; the chain is trusted without it`, {
    hint: "take it out of the chain that the server sends: not every client finds the other way to a root",
  });
}

function judgeEnd(certificate: Certificate, now: number, margins: Margins): Outcome | undefined {
  const { validFrom, validTo } = certificate;
  const leftMs = validTo - now;
  const when = new Date(validTo).toISOString();
  const message = `${inWords(certificate)} expires at ${when}, in ${timeInWords(leftMs)}`;
  if (leftMs < margins.failBeforeDays * dayMs) {
    return fail(message, { errorType: "certificate_expires", fault: "persistent", hint });
  }
  const warnBeforeMs =
    margins.warnBeforeDays === undefined
      ? Math.min(warnBeforeDays * dayMs, (validTo - validFrom) * warnShare)
      : margins.warnBeforeDays * dayMs;
  return leftMs < warnBeforeMs ? warn(message, { hint }) : undefined;
}

const hint = "renew it, and reload the server; where that is automatic, it has failed: look at its log";

function nameOf(subject: DetailedPeerCertificate["subject"] | undefined, alternatives: string | undefined): string {
  const { CN, O } = subject ?? {};
  const [name] = [CN, O].flat().filter((each) => typeof each === "string" && each !== "");
  const [, alternative] = /(?:DNS|IP Address):([^,\s]+)/.exec(alternatives ?? "") ?? [];
  return name ?? alternative ?? "an unnamed subject";
}
