/** Bucket with Object Lock. Objects are stored once and never change. */
export interface Archive {
  /** Stores an object, unless one has this key. Throws `unavailable`. */
  put(key: string, body: string): Promise<'stored' | 'exists'>;
}
