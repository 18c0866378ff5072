/** Date and time in ISO 8601, UTC, with milliseconds: `2026-01-31T08:00:00.000Z`. */
export type Timestamp = string;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Seconds since 1970-01-01T00:00:00Z, as in JWT claims. */
export type EpochSeconds = number;

export type DurationMs = number;
