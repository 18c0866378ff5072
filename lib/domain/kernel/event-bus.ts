/** Type of the event that announces new numbers of a feed. */
export const feedAdvancedType = 'Feed Advanced';

export interface BusEvent {
  /** Detail type in EventBridge. */
  readonly type: string;
  /** JSON without secrets. */
  readonly detail: object;
  readonly time: Date;
}

/** Publishes events to other systems. */
export interface EventBus {
  /** Throws `unavailable` if the bus rejects the event. `detail` is JSON without secrets. */
  put(detailType: string, detail: object, time: Date): Promise<void>;
  /** Publishes up to 10 events. Returns those that the bus rejects. Throws `unavailable`. */
  putAll(events: readonly BusEvent[]): Promise<readonly BusEvent[]>;
}
