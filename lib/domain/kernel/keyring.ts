/** The deployment's own secret, for what only it may have made. No purpose's key or MAC is ever another's. */
export interface Keyring {
  /** A MAC (HMAC-SHA-256) over these parts, each kept apart from the next. */
  mac(purpose: 'idempotency' | 'attempts', parts: readonly unknown[]): Promise<Buffer>;
  /** Encrypts a text (AES-256-GCM) and binds it to `context`. Base64url. */
  seal(purpose: 'cursor', text: string, context: readonly unknown[]): Promise<string>;
  /** The text that `seal` encrypted for the same purpose and context. Undefined for any other input. */
  open(purpose: 'cursor', sealed: string, context: readonly unknown[]): Promise<string | undefined>;
}
