import type { Diagnosis } from "./diagnosis.ts";

const unreachable = "no route to the host: is the network, the VPN or the interface up?";
const cut = "the connection was cut: the server restarted or crashed, or something between closes idle connections";
const chain =
  "the certificate's issuer is not trusted here: give the client the CA, or send the intermediate certificates";

/**
 * What Node's own errors of sockets, names, TLS and time mean, by code or name. A name that is not found is transient: in a
 * cluster services come and go. Certificates do not mend themselves.
 */
export const networkFaults: { readonly [code: string]: Diagnosis } = {
  // A signal's whose time has passed: what the core calls a run that it has given up.
  TimeoutError: { errorType: "timeout" },
  ECONNREFUSED: { hint: "nothing listens at that address: is the server running, and is it the right host and port?" },
  ECONNRESET: { hint: cut },
  EPIPE: { hint: cut },
  ECONNABORTED: { hint: cut },
  ETIMEDOUT: { hint: "the host does not answer: is it up, and does a firewall drop the packets?" },
  EHOSTUNREACH: { hint: unreachable },
  EHOSTDOWN: { hint: unreachable },
  ENETUNREACH: { hint: unreachable },
  ENETDOWN: { hint: unreachable },
  ENOTFOUND: { hint: "the host name does not resolve: is it spelled right, and does its DNS record exist?" },
  EAI_AGAIN: { hint: "the DNS server does not answer: is the resolver of this host reachable?" },
  EADDRNOTAVAIL: { hint: "this host has no free local port: too many connections are opened and closed" },
  EMFILE: { hint: "this process has no file descriptor left: a leak, or a limit that is too low (ulimit -n)" },
  ENFILE: { hint: "this host has no file descriptor left" },
  EACCES: { fault: "persistent", hint: "this process is not allowed to do that: look at its user and its permissions" },
  ENOENT: { fault: "persistent", hint: "there is no such file or socket: is the path right?" },
  CERT_HAS_EXPIRED: {
    fault: "persistent",
    hint: "the server's certificate has expired: renew it, and reload the server",
  },
  CERT_NOT_YET_VALID: {
    fault: "persistent",
    hint: "the certificate is not valid yet: compare the clocks of both hosts",
  },
  CERT_REVOKED: { fault: "persistent", hint: "the server's certificate was revoked: replace it" },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    fault: "persistent",
    hint: "the certificate is for another host name: connect by a name that it has, or replace it",
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { fault: "persistent", hint: chain },
  SELF_SIGNED_CERT_IN_CHAIN: { fault: "persistent", hint: chain },
  UNABLE_TO_GET_ISSUER_CERT: { fault: "persistent", hint: chain },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { fault: "persistent", hint: chain },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { fault: "persistent", hint: chain },
  EPROTO: {
    fault: "persistent",
    hint: "the peer does not speak TLS there, or no version of it that this client takes",
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { fault: "persistent", hint: "the peer does not speak TLS on that port" },
};
