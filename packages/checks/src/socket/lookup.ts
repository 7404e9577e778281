import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { type Asking, Outstanding } from "../dependency/outstanding.ts";

type Answered = Parameters<LookupFunction>[2];

/**
 * Looks names up as Node does. That goes to a pool of four threads, from which no question can be taken back: a name
 * server that does not answer would soon hold them all, and with them the process's files.
 */
export class Lookup {
  readonly #outstanding = new Outstanding<readonly LookupAddress[]>();

  /** All addresses of a name. */
  addresses(asking: Asking, hostname: string, options: LookupOptions = {}): Promise<readonly LookupAddress[]> {
    return this.#outstanding.ask(asking, () => lookup(hostname, { ...options, all: true }));
  }

  /** For the sockets of one run. */
  of(asking: Asking): LookupFunction {
    return (hostname: string, options: LookupOptions, answered: Answered) => {
      this.addresses(asking, hostname, options).then(
        (addresses) => {
          if (options.all === true) return answered(null, [...addresses]);
          const [{ address, family } = { address: "", family: 0 }] = addresses;
          return answered(null, address, family);
        },
        (error) => answered(error, ""),
      );
    };
  }
}
