/** Tells other systems what has happened. */
export interface EventBus {
  /** Fails with `unavailable` when the bus did not take it. `detail` is JSON, without secrets. */
  put(detailType: string, detail: object, time: Date): Promise<void>;
}
