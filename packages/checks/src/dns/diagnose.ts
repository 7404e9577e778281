import type { Diagnosis } from "../dependency/diagnosis.ts";

const broken: Diagnosis = { hint: "the name server's answer makes no sense: is it one, and what is between?" };

/** By the codes of Node's resolver. What it has in common with other sockets is said there. */
const codes: { readonly [code: string]: Diagnosis } = {
  ENODATA: { hint: "the name is known and has no such record: has it been removed, or is it of another type?" },
  ESERVFAIL: { hint: "the name server could not answer: are the servers of the zone reachable, and is DNSSEC well?" },
  EREFUSED: {
    fault: "persistent",
    hint: "the name server refuses to answer this host: is it a resolver, and may this host ask it?",
  },
  ENOTIMP: { fault: "persistent", hint: "the name server does not know that kind of question" },
  EFORMERR: { ...broken, fault: "persistent" },
  EBADRESP: broken,
  EBADNAME: { fault: "fatal", hint: "that is no host name: is it spelled right?" },
  ETIMEOUT: { hint: "no name server answered: are they up, and does a firewall drop the packets?" },
  ECONNREFUSED: { hint: "nothing listens at the name server's address: is it running, and is it the right one?" },
  EAI_FAIL: { hint: "the name server could not answer: are the servers of the zone reachable?" },
};

/** What an error of Node's resolver means. */
export function diagnoseDns(_error: unknown, errorType: string): Diagnosis | undefined {
  return Object.hasOwn(codes, errorType) ? codes[errorType] : undefined;
}
