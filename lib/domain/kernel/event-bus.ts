/** Publishes events to other systems. */
export interface EventBus {
  /** Throws `unavailable` if the bus rejects the event. `detail` is JSON without secrets. */
  put(detailType: string, detail: object, time: Date): Promise<void>;
}
