import { canonicalizeEmail } from '../kernel/canonical.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Limit } from '../kernel/limits.ts';
import { parseLinkToken } from './link.ts';
import {
  type AttemptStore,
  countAttempt,
  type Counter,
  toNetwork,
  type BackoffPolicy,
} from '../credentials/attempts.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Per network, for all accounts. A company behind one address can open its links in an hour. */
const networkPolicy: BackoffPolicy = {
  freeAttempts: 1000,
  initialDelayMs: second,
  maxDelayMs: minute,
  windowMs: hour,
};
/** Per account and network. A user can try several passwords. */
const linkPolicy: BackoffPolicy = {
  freeAttempts: 60,
  initialDelayMs: second,
  maxDelayMs: minute,
  windowMs: hour,
};
/** Per account and network, so requests from other networks cannot block the account holder. */
const resetRequestPolicy: BackoffPolicy = {
  freeAttempts: 10,
  initialDelayMs: second,
  maxDelayMs: 5 * minute,
  windowMs: hour,
};

export interface LinkAttemptDependencies {
  readonly attempts: AttemptStore;
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** Counts the use of a link, valid or not. Throws `too_many_requests`. */
export function countLinkAttempt(
  token: string,
  address: string,
  deps: LinkAttemptDependencies,
): Promise<void> {
  const subject = parseLinkToken(token);
  const account = subject && ['link', subject.tenantId, subject.userId];
  return countUse({ account, policy: linkPolicy, limit: 'link_attempts', address }, deps);
}

/** Counts a request for a reset link, for a known account or not. Throws `too_many_requests`. */
export function countResetRequest(
  {
    email,
    tenantId,
    address,
  }: {
    readonly email: string;
    readonly tenantId: string | undefined;
    readonly address: string;
  },
  deps: LinkAttemptDependencies,
): Promise<void> {
  const account = ['reset', tenantId ?? '', canonicalizeEmail(email)];
  return countUse({ account, policy: resetRequestPolicy, limit: 'reset_requests', address }, deps);
}

interface LinkAttempt {
  /** Parts of the account's counter ID. Undefined for a malformed token. */
  readonly account: readonly string[] | undefined;
  readonly policy: BackoffPolicy;
  readonly limit: Limit;
  readonly address: string;
}

async function countUse(
  { account, policy, limit, address }: LinkAttempt,
  { attempts, keyring, now }: LinkAttemptDependencies,
): Promise<void> {
  const network = toNetwork(address);
  const id = async (parts: readonly string[]) =>
    (await keyring.mac('attempts', [...parts, network])).toString('hex');
  const counters: readonly Counter[] = [
    ...(account ? [{ id: await id(account), policy, limit }] : []),
    { id: await id(['links']), policy: networkPolicy, limit: 'network_links' },
  ];
  await countAttempt(counters, attempts, now());
}
