/** The health check of a target group, and the grace of the service that runs its targets; the defaults are those of AWS. */
export interface TargetGroupSettings {
  /** Default `/servez`. */
  readonly path?: string;
  /** Default 30. */
  readonly intervalSeconds?: number;
  /** Default 5. These are real seconds: the time of one request is not the fake clock's. */
  readonly timeoutSeconds?: number;
  /** Default 5; the first check that a new target passes is enough. */
  readonly healthyThreshold?: number;
  /** Default 2. */
  readonly unhealthyThreshold?: number;
  /** Seconds since it was registered in which a target is not killed; default 0. */
  readonly gracePeriodSeconds?: number;
}
