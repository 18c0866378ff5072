import type { Keyring } from '../kernel/keyring.ts';
import { type Limit, tooManyRequests } from '../kernel/limits.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';

/** Delays between attempts to guess a password. */
export interface BackoffPolicy {
  /** Attempts without a delay. */
  readonly freeAttempts: number;
  /** Delay after the last free attempt. Doubles with each further attempt. */
  readonly initialDelayMs: DurationMs;
  readonly maxDelayMs: DurationMs;
  /** Lifetime of a counter. */
  readonly windowMs: DurationMs;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Per account and network, so an attacker cannot block the account for other networks. */
const accountPolicy: BackoffPolicy = {
  freeAttempts: 5,
  initialDelayMs: second,
  maxDelayMs: 15 * minute,
  windowMs: 24 * hour,
};
/** Per network, for all accounts: many users can share a network. */
const networkPolicy: BackoffPolicy = {
  freeAttempts: 100,
  initialDelayMs: second,
  maxDelayMs: 5 * minute,
  windowMs: hour,
};

export interface AttemptCounter {
  /** MAC in hex, which reveals neither the account nor the IP address. */
  readonly id: string;
  readonly policy: BackoffPolicy;
  /** Name of the limit in `too_many_requests`. */
  readonly limit: Limit;
}

export interface AttemptStore {
  /**
   * Counts an attempt before it is made, so concurrent attempts cannot avoid the limit. Returns the
   * time of the next attempt, without counting, if there is a delay.
   */
  record(
    counter: AttemptCounter,
    now: Date,
  ): Promise<{ readonly availableAtMs: EpochMs } | undefined>;
  reset(counter: AttemptCounter, now: Date): Promise<void>;
  /** Takes back one attempt. */
  refund(counter: AttemptCounter, now: Date): Promise<void>;
}

/** Returns the delay after a number of attempts. */
export const getBackoffMs = (
  { freeAttempts, initialDelayMs, maxDelayMs }: BackoffPolicy,
  attempts: number,
): DurationMs =>
  attempts < freeAttempts
    ? 0
    : Math.min(initialDelayMs * 2 ** Math.min(attempts - freeAttempts, 30), maxDelayMs);

export interface SignInCounters {
  readonly account: AttemptCounter;
  readonly network: AttemptCounter;
}

/** Builds the counters of a sign-in. Unknown tenants and accounts have counters, too. */
export async function buildSignInCounters(
  {
    tenantId,
    account,
    ipAddress,
  }: { readonly tenantId: string; readonly account: string; readonly ipAddress: string },
  keyring: Keyring,
): Promise<SignInCounters> {
  const network = toNetwork(ipAddress);
  const buildId = async (parts: readonly string[]) =>
    (await keyring.mac('attempts', parts)).toString('hex');
  return {
    account: {
      id: await buildId([tenantId, account, network]),
      policy: accountPolicy,
      limit: 'sign_in_attempts',
    },
    network: { id: await buildId([network]), policy: networkPolicy, limit: 'network_sign_ins' },
  };
}

/**
 * Builds the counter of guesses at the caller's current password, because a token can be stolen.
 */
export const buildOwnPasswordCounter = async (
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  ipAddress: string,
  keyring: Keyring,
): Promise<AttemptCounter> => ({
  id: (
    await keyring.mac('attempts', [tenantId, `own password ${userId}`, toNetwork(ipAddress)])
  ).toString('hex'),
  policy: accountPolicy,
  limit: 'password_attempts',
});

/** Builds the counter of requests for the tenant of a domain or slug, per network. */
export const buildLookupCounter = async (
  ipAddress: string,
  keyring: Keyring,
): Promise<AttemptCounter> => ({
  id: (await keyring.mac('attempts', ['tenant look-up', toNetwork(ipAddress)])).toString('hex'),
  policy: networkPolicy,
  limit: 'sign_in_lookups',
});

/** Counts an attempt in order. Throws `too_many_requests` at the first counter with a delay. */
export async function countAttempt(
  counters: readonly AttemptCounter[],
  attempts: AttemptStore,
  now: Date,
): Promise<void> {
  for (const counter of counters) {
    const delay = await attempts.record(counter, now);
    if (delay) throw tooManyRequests(counter.limit, (delay.availableAtMs - now.getTime()) / 1000);
  }
}

/** Converts an IPv6 address to its /64 network, which one subscriber has. IPv4 is unchanged. */
export function toNetwork(ipAddress: string): string {
  if (!ipAddress.includes(':')) return ipAddress;
  const [head = '', tail] = ipAddress.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const tailGroups = tail?.split(':').filter(Boolean) ?? [];
  const zeros =
    tail === undefined
      ? []
      : Array.from({ length: Math.max(8 - groups.length - tailGroups.length, 0) }, () => '0');
  const first = [...groups, ...zeros, ...tailGroups]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
