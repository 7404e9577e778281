/** A probe as a pod's manifest has it; the defaults are those of Kubernetes. */
export interface ProbeSettings {
  readonly path: string;
  /** Default 0. */
  readonly initialDelaySeconds?: number;
  /** Default 10. */
  readonly periodSeconds?: number;
  /** Default 1. These are real seconds: the time of one request is not the fake clock's. */
  readonly timeoutSeconds?: number;
  /** Default 3. */
  readonly failureThreshold?: number;
  /** Default 1. */
  readonly successThreshold?: number;
}

/** What of a pod's manifest a kubelet acts on. Without a probe, what it asks for counts as given. */
export interface PodSettings {
  /** Kubernetes takes no `successThreshold` but 1 here, and for liveness. */
  readonly startup?: Omit<ProbeSettings, "successThreshold">;
  readonly readiness?: ProbeSettings;
  readonly liveness?: Omit<ProbeSettings, "successThreshold">;
  /** Default 30. */
  readonly terminationGracePeriodSeconds?: number;
}
