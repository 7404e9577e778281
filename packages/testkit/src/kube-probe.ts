import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** What a {@link kubeProbe} saw. */
export interface KubeProbeResult {
  /** A status of 200 to 399, in time. */
  readonly ok: boolean;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** At most the first 10 KiB. */
  readonly body: string;
  readonly durationMs: number;
  /** Why there was no full answer: a code such as `ECONNREFUSED`, or what timed out. */
  readonly error?: string;
}

// The constants are those of Kubernetes' pkg/probe/http: what is longer is cut, and still a success.
const longestBodyBytes = 10 * 1024;
const headers = { "user-agent": "kube-probe/1.34", accept: "*/*" };

/**
 * Probes once as a kubelet does: on a connection of its own, certificates unchecked, the deadline over connect, headers
 * and body together. Never rejects. A redirect is a success and is not followed; a kubelet follows one to the same host.
 * @param options.timeoutMs a probe's `timeoutSeconds`; default 1000, as in Kubernetes.
 */
export function kubeProbe(url: string | URL, options: { readonly timeoutMs?: number } = {}): Promise<KubeProbeResult> {
  const { timeoutMs = 1000 } = options;
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<KubeProbeResult>();
  let status: number | undefined;
  const chunks: Buffer[] = [];
  let receivedBytes = 0;

  const target = new URL(url);
  const request = target.protocol === "https:" ? requestHttps : requestHttp;
  const probe = request(target, { agent: false, headers, rejectUnauthorized: false }, (response) => {
    status = response.statusCode;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      receivedBytes += chunk.length;
      if (receivedBytes >= longestBodyBytes) finish();
    });
    response.on("end", () => finish());
    response.on("error", finish);
  });
  probe.on("error", finish);
  const timer = setTimeout(() => finish(new Error(`timed out after ${timeoutMs} ms`)), timeoutMs);
  probe.end();
  return promise;

  function finish(error?: NodeJS.ErrnoException): void {
    clearTimeout(timer);
    probe.destroy();
    resolve({
      ok: error === undefined && status !== undefined && status >= 200 && status < 400,
      status,
      body: Buffer.concat(chunks).subarray(0, longestBodyBytes).toString(),
      durationMs: performance.now() - startedAt,
      ...(error && { error: error.code ?? error.message }),
    });
  }
}
