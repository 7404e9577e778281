/** Whether a status says that the server failed: 503 is health's own answer, and 505 blames the client. */
export function isFailure(status: number): boolean {
  return status >= 500 && status !== 503 && status !== 505;
}
