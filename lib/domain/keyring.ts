/** The deployment's own secret, for what only it may have made. */
export interface Keyring {
  /** A MAC (HMAC-SHA-256) over these parts, each kept apart from the next. No purpose's MAC is ever another's. */
  mac(purpose: 'cursor' | 'idempotency' | 'attempts', parts: readonly unknown[]): Promise<Buffer>;
}
