import { canonicalEmail } from '../kernel/canonical.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Limit } from '../kernel/limits.ts';
import { parseLinkToken } from './link.ts';
import {
  type Attempts,
  countAttempt,
  type Counter,
  networkOf,
  type Pace,
} from '../credentials/attempts.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Per network, for all accounts: a company behind one address can use its links within an hour. */
const networkPace: Pace = { free: 1000, firstWait: second, longestWait: minute, window: hour };
/** Per account and network: one person can try several passwords. */
const linkPace: Pace = { free: 60, firstWait: second, longestWait: minute, window: hour };
/** Per account and network, so strangers in other networks cannot keep the account holder from requesting a link. */
const resetRequestPace: Pace = {
  free: 10,
  firstWait: second,
  longestWait: 5 * minute,
  window: hour,
};

export interface LinkAttemptDependencies {
  readonly attempts: Attempts;
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** Counts the use of a link, genuine or not. Throws `too_many_requests` by account and network, or by network. */
export function countLinkAttempt(
  token: string,
  address: string,
  deps: LinkAttemptDependencies,
): Promise<void> {
  const subject = parseLinkToken(token);
  return count(
    subject && ['link', subject.tenantId, subject.userId],
    { pace: linkPace, limit: 'link_attempts' },
    address,
    deps,
  );
}

/** Counts a request for a reset link, of a known account or not. Throws as `countLinkAttempt` does. */
export function countResetRequest(
  email: string,
  tenantId: string | undefined,
  address: string,
  deps: LinkAttemptDependencies,
): Promise<void> {
  const account = ['reset', tenantId ?? '', canonicalEmail(email)];
  return count(account, { pace: resetRequestPace, limit: 'reset_requests' }, address, deps);
}

async function count(
  account: readonly string[] | undefined,
  { pace, limit }: { readonly pace: Pace; readonly limit: Limit },
  address: string,
  { attempts, keyring, now }: LinkAttemptDependencies,
): Promise<void> {
  const network = networkOf(address);
  const id = async (parts: readonly string[]) =>
    (await keyring.mac('attempts', [...parts, network])).toString('hex');
  const counters: readonly Counter[] = [
    ...(account ? [{ id: await id(account), pace, limit }] : []),
    { id: await id(['links']), pace: networkPace, limit: 'network_links' },
  ];
  await countAttempt(counters, attempts, now());
}
