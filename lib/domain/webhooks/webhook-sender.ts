import type { DurationMs } from '../kernel/time.ts';

/** Cause without a response. `address_refused`: the name resolves to an address that is not public. */
export type SendError = 'name' | 'address_refused' | 'connection' | 'tls' | 'timeout';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact text that is signed. */
  readonly body: string;
}

/** Response without its body, or the reason why none arrived. */
export type SendResult = { readonly durationMs: DurationMs } & (
  | { readonly status: number; readonly retryAfter?: string | undefined }
  | { readonly error: SendError }
);

/** Sends requests to endpoints of customers, which can be hostile. */
export interface WebhookSender {
  /** Sends one request. Follows no redirect. Never throws. */
  send(request: WebhookRequest): Promise<SendResult>;
}

/** Creates a sender for each run. It reuses its connections for requests to the same host. */
export interface WebhookConnections {
  open(): WebhookSender & { close(): void };
}
