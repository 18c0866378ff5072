import type { Keyring } from '../kernel/keyring.ts';
import { type Limit, tooManyRequests } from '../kernel/limits.ts';

/** How attempts at a password are slowed down. Times in milliseconds. */
export interface BackoffPolicy {
  /** As many as nobody is kept waiting for. */
  readonly freeAttempts: number;
  /** After the last of those; it doubles with each that follows. */
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** After it, all is forgotten. */
  readonly windowMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** For an account from one address: a person who tries the passwords that they have. From elsewhere it can be used as ever. */
const accountPolicy: BackoffPolicy = {
  freeAttempts: 5,
  initialDelayMs: second,
  maxDelayMs: 15 * minute,
  windowMs: 24 * hour,
};
/** For an address, whatever the accounts: many people may share one, but not many who are all wrong. */
const networkPolicy: BackoffPolicy = {
  freeAttempts: 100,
  initialDelayMs: second,
  maxDelayMs: 5 * minute,
  windowMs: hour,
};

/** Under what attempts are counted, and at what pace they may be made. */
export interface Counter {
  /** A MAC in hex, which tells neither account nor address. */
  readonly id: string;
  readonly policy: BackoffPolicy;
  /** Its name where it refuses. */
  readonly limit: Limit;
}

export interface AttemptStore {
  /**
   * Counts an attempt before it is made, so that many at once are no way around it; or answers when (epoch milliseconds) there
   * may be the next. Between the last free one and its end each has to wait for the one before.
   */
  record(counter: Counter, now: Date): Promise<{ readonly availableAtMs: number } | undefined>;
  /** Starts again from none. */
  reset(counter: Counter, now: Date): Promise<void>;
  /** One fewer. */
  refund(counter: Counter, now: Date): Promise<void>;
}

/** How long after attempt number `count` there can be none. Milliseconds. */
export const getBackoffMs = (
  { freeAttempts: free, initialDelayMs: firstWait, maxDelayMs: longestWait }: BackoffPolicy,
  count: number,
): number =>
  count < free ? 0 : Math.min(firstWait * 2 ** Math.min(count - free, 30), longestWait);

export interface Counters {
  readonly account: Counter;
  readonly network: Counter;
}

/** The counters of an attempt. `account` is in canonical form; a tenant that there is not counts too. */
export async function buildCounters(
  tenantId: string,
  account: string,
  address: string,
  keyring: Keyring,
): Promise<Counters> {
  const network = toNetwork(address);
  const id = async (parts: readonly string[]) =>
    (await keyring.mac('attempts', parts)).toString('hex');
  return {
    account: {
      id: await id([tenantId, account, network]),
      policy: accountPolicy,
      limit: 'sign_in_attempts',
    },
    network: { id: await id([network]), policy: networkPolicy, limit: 'network_sign_ins' },
  };
}

/** Of guesses at a user's own password, by who calls as them from an address: with a token that may be stolen. */
export const buildOwnPasswordCounter = async (
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  address: string,
  keyring: Keyring,
): Promise<Counter> => ({
  id: (
    await keyring.mac('attempts', [tenantId, `own password ${userId}`, toNetwork(address)])
  ).toString('hex'),
  policy: accountPolicy,
  limit: 'password_attempts',
});

/** Counts an attempt under each of these, or throws `too_many_requests`: under those behind the one that has to wait it is not counted. */
export async function countAttempt(
  counters: readonly Counter[],
  attempts: AttemptStore,
  now: Date,
): Promise<void> {
  for (const counter of counters) {
    const blocked = await attempts.record(counter, now);
    if (blocked)
      throw tooManyRequests(counter.limit, (blocked.availableAtMs - now.getTime()) / 1000);
  }
}

/** Whoever has one IPv6 address has all of its /64; an IPv4 address is one. */
export function toNetwork(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
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
