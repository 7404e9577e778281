import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";

/** A name that only this process resolves. */
export const dependencyHost = "dependency.test";

/**
 * Stands in for a DNS server that can be made to forget a name: Node's own look-up answers 127.0.0.1 for it, or that
 * there is no such name. For this whole process.
 */
export class Names {
  known = true;

  constructor() {
    const { lookup } = dns;
    const own = dns.promises.lookup;
    const missing = () =>
      Object.assign(new Error(`getaddrinfo ENOTFOUND ${dependencyHost}`), {
        code: "ENOTFOUND",
        errno: -3008,
        syscall: "getaddrinfo",
        hostname: dependencyHost,
      });
    const address = { address: "127.0.0.1", family: 4 };
    type Callback = (error: Error | null, ...answer: unknown[]) => void;
    const answered = (host: string, options: unknown, callback?: Callback) => {
      const call = (typeof options === "function" ? options : callback) as Callback;
      if (host !== dependencyHost) return (lookup as (...given: unknown[]) => void)(host, options, callback);
      const all = typeof options === "object" && options !== null && "all" in options && options.all === true;
      process.nextTick(() => {
        if (!this.known) call(missing());
        else if (all) call(null, [address]);
        else call(null, address.address, address.family);
      });
      return undefined;
    };
    const promised = async (host: string, options?: { readonly all?: boolean }) => {
      if (host !== dependencyHost) return (own as (...given: unknown[]) => Promise<unknown>)(host, options);
      if (!this.known) throw missing();
      return options?.all === true ? [address] : address;
    };
    dns.lookup = answered as typeof dns.lookup;
    dns.promises.lookup = promised as typeof dns.promises.lookup;
    syncBuiltinESMExports();
  }
}
