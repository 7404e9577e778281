export { Child, type ChildOptions, type Exit, type LineMatcher, type StopOptions } from "./child.ts";
export type { FaultMode } from "./fault-mode.ts";
export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./fault-proxy.ts";
export { freePort } from "./free-port.ts";
export { type KubeProbeResult, kubeProbe } from "./kube-probe.ts";
export type { Target } from "./proxied-connection.ts";
export { RawConnection, type RawResponse } from "./raw-connection.ts";
export { type StartChildOptions, startChild } from "./start-child.ts";
export { type UntilOptions, until } from "./until.ts";
