/** Cryptography with the deployment's secret key. Each purpose has a derived key of its own. */
export interface Keyring {
  /** Computes a MAC (HMAC-SHA-256) over parts without ambiguity between them. */
  mac(
    purpose: 'idempotency' | 'attempts' | 'actor' | 'events',
    parts: readonly unknown[],
  ): Promise<Buffer>;
  /** Encrypts a text (AES-256-GCM) and binds it to `context`. Returns base64url. */
  seal(purpose: 'cursor', text: string, context: readonly unknown[]): Promise<string>;
  /** Decrypts a text of the same purpose and context. Undefined for any other input. */
  open(purpose: 'cursor', sealed: string, context: readonly unknown[]): Promise<string | undefined>;
}
