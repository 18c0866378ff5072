import type { Keyring } from '../kernel/keyring.ts';
import { type Limit, tooManyRequests } from '../kernel/limits.ts';

/** How attempts at a password are slowed down. Times in milliseconds. */
export interface Pace {
  /** As many as nobody is kept waiting for. */
  readonly free: number;
  /** After the last of those; it doubles with each that follows. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** After it, all is forgotten. */
  readonly window: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** For an account from one address: a person who tries the passwords that they have. From elsewhere it can be used as ever. */
const pairPace: Pace = { free: 5, firstWait: second, longestWait: 15 * minute, window: 24 * hour };
/** For an address, whatever the accounts: many people may share one, but not many who are all wrong. */
const addressPace: Pace = { free: 100, firstWait: second, longestWait: 5 * minute, window: hour };

/** Under what attempts are counted, and at what pace they may be made. */
export interface Counter {
  /** A MAC in hex, which tells neither account nor address. */
  readonly id: string;
  readonly pace: Pace;
  /** Its name where it refuses. */
  readonly limit: Limit;
}

export interface Attempts {
  /**
   * Counts an attempt before it is made, so that many at once are no way around it; or answers when (epoch milliseconds) there
   * may be the next. Between the last free one and its end each has to wait for the one before.
   */
  count(counter: Counter, now: Date): Promise<{ readonly until: number } | undefined>;
  /** Starts again from none. */
  forget(counter: Counter, now: Date): Promise<void>;
  /** One fewer. */
  takeBack(counter: Counter, now: Date): Promise<void>;
}

/** How long after attempt number `count` there can be none. Milliseconds. */
export const waitAfter = ({ free, firstWait, longestWait }: Pace, count: number): number =>
  count < free ? 0 : Math.min(firstWait * 2 ** Math.min(count - free, 30), longestWait);

export interface Counters {
  readonly pair: Counter;
  readonly address: Counter;
}

/** The counters of an attempt. `account` is in canonical form; a tenant that there is not counts too. */
export async function countersOf(
  tenantId: string,
  account: string,
  address: string,
  keyring: Keyring,
): Promise<Counters> {
  const network = networkOf(address);
  const id = async (parts: readonly string[]) =>
    (await keyring.mac('attempts', parts)).toString('hex');
  return {
    pair: { id: await id([tenantId, account, network]), pace: pairPace, limit: 'sign_in_attempts' },
    address: { id: await id([network]), pace: addressPace, limit: 'network_sign_ins' },
  };
}

/** Of guesses at a user's own password, by who calls as them from an address: with a token that may be stolen. */
export const ownPasswordCounter = async (
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  address: string,
  keyring: Keyring,
): Promise<Counter> => ({
  id: (
    await keyring.mac('attempts', [tenantId, `own password ${userId}`, networkOf(address)])
  ).toString('hex'),
  pace: pairPace,
  limit: 'password_attempts',
});

/** Counts an attempt under each of these, or throws `too_many_requests`: under those behind the one that has to wait it is not counted. */
export async function countAttempt(
  counters: readonly Counter[],
  attempts: Attempts,
  now: Date,
): Promise<void> {
  for (const counter of counters) {
    const refused = await attempts.count(counter, now);
    if (refused) throw tooManyRequests(counter.limit, (refused.until - now.getTime()) / 1000);
  }
}

/** Whoever has one IPv6 address has all of its /64; an IPv4 address is one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const behind = tail?.split(':').filter(Boolean) ?? [];
  const zeros =
    tail === undefined
      ? []
      : Array.from({ length: Math.max(8 - groups.length - behind.length, 0) }, () => '0');
  const first = [...groups, ...zeros, ...behind]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
