import { canonicalizeEmail, canonicalizeUserName } from '../kernel/canonical.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { Limit } from '../kernel/limits.ts';
import type { ResetAccount } from '../password-resets/password-reset.ts';
import { parseLinkToken } from './link.ts';
import {
  type AttemptStore,
  countAttempt,
  type AttemptCounter,
  toNetwork,
  type BackoffPolicy,
} from '../credentials/attempts.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Per network, for all accounts. A company behind one IP address can open its links in an hour. */
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
  ipAddress: string,
  deps: LinkAttemptDependencies,
): Promise<void> {
  const subject = parseLinkToken(token);
  const account = subject && ['link', subject.tenantId, subject.userId];
  return countUse({ account, policy: linkPolicy, limit: 'link_attempts', ipAddress }, deps);
}

/** Counts a request for a reset link, for any email or username. Throws `too_many_requests`. */
export function countResetRequest(
  {
    account,
    tenantId,
    ipAddress,
  }: {
    readonly account: ResetAccount;
    readonly tenantId: string | undefined;
    readonly ipAddress: string;
  },
  deps: LinkAttemptDependencies,
): Promise<void> {
  return countUse(
    {
      account: ['reset', tenantId ?? '', ...toCounterParts(account)],
      policy: resetRequestPolicy,
      limit: 'reset_requests',
      ipAddress,
    },
    deps,
  );
}

/**
 * Parts of the counter ID of an account. A username that is an address counts as that email. Other
 * usernames count on their own, because a look-up would reveal which accounts exist.
 */
function toCounterParts(account: ResetAccount): readonly string[] {
  const name = 'email' in account ? account.email : account.userName;
  return 'email' in account || name.includes('@')
    ? [canonicalizeEmail(name)]
    : ['userName', canonicalizeUserName(name)];
}

interface LinkAttempt {
  /** Parts of the account's counter ID. Undefined for a malformed token. */
  readonly account: readonly string[] | undefined;
  readonly policy: BackoffPolicy;
  readonly limit: Limit;
  readonly ipAddress: string;
}

async function countUse(
  { account, policy, limit, ipAddress }: LinkAttempt,
  { attempts, keyring, now }: LinkAttemptDependencies,
): Promise<void> {
  const network = toNetwork(ipAddress);
  const buildId = async (parts: readonly string[]) =>
    (await keyring.mac('attempts', [...parts, network])).toString('hex');
  const counters: readonly AttemptCounter[] = [
    ...(account ? [{ id: await buildId(account), policy, limit }] : []),
    { id: await buildId(['links']), policy: networkPolicy, limit: 'network_links' },
  ];
  await countAttempt(counters, attempts, now());
}
