import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import {
  demand,
  type FunctionCheck,
  fail,
  type Outcome,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { untilAborted } from "../dependency/until-aborted.ts";
import { demandEndpoint, demandEndpointKeys, type Endpoint } from "../socket/endpoint.ts";
import { Lookup } from "../socket/lookup.ts";
import { diagnoseTls } from "./diagnose.ts";
import { chainOf, demandDays, judgeChain, type Margins } from "./judge-chain.ts";

/** Where something speaks TLS, and as whom it has to prove itself. */
export interface TlsEndpoint extends Endpoint {
  /** The name that is asked for and that the certificate has to have; default `host`. */
  readonly servername?: string;
  /** PEM of the authorities that are trusted; default those of this Node. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** The protocols that are offered, of which one has to be agreed on; default none is spoken of. */
  readonly alpn?: readonly string[];
}

/** Options of {@link tls}: those of any check that is run, and these. */
export interface TlsOptions extends ScheduleOptions {
  /**
   * Days before the first certificate of the chain expires from which on that is a warning. Default 14, or a third of that
   * certificate's life where that is shorter: whoever renews automatically has failed at it by then, and there is time.
   */
  readonly warnBeforeDays?: number;
  /** Days before, from which on it fails; default 0: until then it works. */
  readonly failBeforeDays?: number;
}

const where = "tls()";
const hint = "the host did not answer: is it up, and does a firewall drop packets?";

/**
 * A check of what a TLS server proves of itself, by a handshake on a connection of its own: Node's own rules for chain and
 * host name, and how long all of its certificates are valid still. Throws `HealthError` for wrong options.
 */
export function tls(endpoint: TlsEndpoint, options: TlsOptions = {}): FunctionCheck {
  demandEndpoint(where, endpoint);
  demandEndpointKeys(where, endpoint, ["host", "port", "servername", "ca", "alpn"]);
  demandTlsEndpoint(endpoint);
  const { warnBeforeDays, failBeforeDays = 0 } = options ?? {};
  if (warnBeforeDays !== undefined) demandDays(`warnBeforeDays of ${where}`, warnBeforeDays);
  demandDays(`failBeforeDays of ${where}`, failBeforeDays);
  const isOrdered = warnBeforeDays === undefined || failBeforeDays <= warnBeforeDays;
  demand(isOrdered, `failBeforeDays of ${where}`, "at most warnBeforeDays", failBeforeDays);
  const margins: Margins = { warnBeforeDays, failBeforeDays };
  const lookup = new Lookup();
  return dependencyCheck(
    where,
    options,
    { warnBeforeDays: true, failBeforeDays: true },
    {
      hint,
      diagnose: diagnoseTls,
      run: (context) => shakeHands(open(endpoint, context, lookup), context, margins, endpoint.alpn),
    },
  );
}

function demandTlsEndpoint({ servername, ca, alpn }: TlsEndpoint): void {
  const isName = servername === undefined || (typeof servername === "string" && servername !== "");
  demand(isName, `servername of ${where}`, "a host name", servername);
  const authorities = Array.isArray(ca) ? ca : [ca];
  demand(
    ca === undefined || authorities.every(isPem),
    `ca of ${where}`,
    "certificates in PEM, or an array of them",
    ca,
  );
  const areProtocols = Array.isArray(alpn) && alpn.length > 0 && alpn.every((each) => typeof each === "string");
  demand(alpn === undefined || areProtocols, `alpn of ${where}`, "an array of protocols", alpn);
}

/** Node would leave out what is none without a word. */
function isPem(given: unknown): boolean {
  if (typeof given !== "string" && !(given instanceof Uint8Array)) return false;
  try {
    return new X509Certificate(given).raw.length > 0 && Buffer.from(given).includes("-----BEGIN ");
  } catch {
    return false;
  }
}

function open(endpoint: TlsEndpoint, context: RunContext, lookup: Lookup): TLSSocket {
  const { host, port, servername = host, ca, alpn } = endpoint;
  return connect({
    host,
    port,
    lookup: lookup.of(context),
    // An address is no name to ask for; it is looked for in the certificate all the same.
    ...(isIP(servername) === 0 && { servername }),
    ...(ca !== undefined && { ca: (Array.isArray(ca) ? ca : [ca]).map((each) => Buffer.from(each)) }),
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
    // Whatever the environment says.
    rejectUnauthorized: true,
  });
}

function shakeHands(
  socket: TLSSocket,
  { signal, clock }: RunContext,
  margins: Margins,
  alpn: readonly string[] | undefined,
): Promise<Outcome | undefined> {
  const outcome = new Promise<Outcome | undefined>((resolve, reject) => {
    // Also what comes after the end: nobody else listens.
    socket.on("error", reject);
    socket.on("secureConnect", () => {
      if (alpn !== undefined && socket.alpnProtocol === false) return resolve(noProtocol(alpn));
      resolve(judgeChain(chainOf(socket.getPeerCertificate(true)), clock.wallTime(), margins));
    });
  });
  return untilAborted(signal, outcome).finally(() => socket.destroy());
}

function noProtocol(alpn: readonly string[]): Outcome {
  return fail(`it speaks none of ${alpn.join(", ")}`, {
    errorType: "no_protocol",
    fault: "persistent",
    hint: "is that the right port, and does the server, or what ends TLS before it, announce the protocol by ALPN?",
  });
}
