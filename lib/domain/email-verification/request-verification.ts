import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertRecentSignIn } from '../credential-limits/recent-sign-in.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { tooManyRequests } from '../kernel/limits.ts';
import type { DurationMs } from '../kernel/time.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserChanges } from '../users/build-user-change.ts';
import {
  assertOwnsCredentials,
  assertRepresentsHolder,
  type CallerAccount,
  findCallerAccount,
  toCallerAccount,
} from '../users/caller-account.ts';
import {
  type ChangeDependencies,
  changeUser,
  noFieldChanges,
  userNotFound,
  type UserTarget,
} from '../users/change-user.ts';
import type { User } from '../users/user.ts';
import type { EmailVerification } from './email-verification.ts';

export interface RequestVerificationDependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly tenants: TenantStore;
  readonly linkKeyId: string;
}

const requestIntervalMs: DurationMs = 60_000;
/** Version of a canceled link, which no link has. */
const noVersion = 0;

/**
 * Mails a verification link to the caller's email. Throws `not_found`, `account_suspended`,
 * `forbidden`, `not_verifiable`, or `too_many_requests` within a minute and above the daily limit.
 */
export async function requestOwnVerification(
  context: RequestContext,
  deps: RequestVerificationDependencies,
): Promise<void> {
  const change = (account: CallerAccount): UserChanges => {
    assertRepresentsHolder(account, context);
    assertVerifiable(account.user);
    return buildRequest(account.user, {}, deps);
  };
  await changeOwn({ action: 'requestEmailVerification', change }, context, deps);
}

/**
 * Mails a verification link to the email of a user. Throws `forbidden`, `not_found`,
 * `precondition_failed`, `not_verifiable` or `too_many_requests`.
 */
export async function requestUserVerification(
  target: UserTarget,
  context: RequestContext,
  deps: RequestVerificationDependencies,
): Promise<void> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const change = (user: User): UserChanges => {
    assertVerifiable(user);
    return buildRequest(user, {}, deps);
  };
  await changeUser({ ...target, action: 'requestEmailVerification', change }, context, deps);
}

/**
 * Mails a link to a new email, which replaces the caller's email when the link is used. Throws like
 * `requestOwnVerification`, and `insufficient_user_authentication`.
 */
export async function requestEmailChange(
  email: string,
  context: RequestContext,
  deps: RequestVerificationDependencies,
): Promise<void> {
  const change = async (account: CallerAccount): Promise<UserChanges> => {
    const { user, limit } = account;
    assertOwnsCredentials(account);
    await assertMayChangeCredentials(user, context, deps);
    assertRecentSignIn(context, deps.now());
    if (email === user.email)
      throw invalidInput({ path: 'email', message: 'cannot be your current email' });
    return buildRequest(user, { newEmail: email, limit }, deps);
  };
  await changeOwn({ action: 'requestEmailChange', change }, context, deps);
}

/** Cancels the caller's unused verification link. Throws like `requestOwnVerification`. */
export async function cancelOwnVerification(
  context: RequestContext,
  deps: RequestVerificationDependencies,
): Promise<void> {
  const change = (account: CallerAccount): UserChanges => {
    assertRepresentsHolder(account, context);
    const { emailVerification } = account.user;
    if (!emailVerification || emailVerification.isUsed) return { fields: {} };
    // Its time delays the next request.
    const { keyId, requestedAt } = emailVerification;
    const canceled = { version: noVersion, keyId, requestedAt, isUsed: true };
    return { fields: { emailVerification: canceled } };
  };
  await changeOwn({ action: 'cancelEmailVerification', change }, context, deps);
}

interface OwnChange {
  /** Action in the change record. */
  readonly action: ChangeAction<'user'>;
  readonly change: (account: CallerAccount) => UserChanges | Promise<UserChanges>;
}

/** Changes the active account of the caller. */
async function changeOwn(
  { action, change }: OwnChange,
  context: RequestContext,
  deps: RequestVerificationDependencies,
): Promise<void> {
  deps.policy.authorize(context, 'useOwnAccount', {});
  const account = await findCallerAccount(context, deps);
  if (!account) throw userNotFound();
  const changeAccount = (user: CallerAccount['user']) => {
    const current = toCallerAccount(user, context);
    if (!current) throw userNotFound();
    if (user.status !== 'active')
      throw new Failure('account_suspended', 'This account is suspended');
    return change(current);
  };
  const { userId } = account.user;
  await changeUser({ action, ref: { userId }, self: true, change: changeAccount }, context, deps);
}

/** Throws `not_verifiable` unless the user is active and has not verified the email yet. */
function assertVerifiable({ status, email, emailVerifiedBy }: User): void {
  if (email === undefined)
    throw new Failure('not_verifiable', 'The user has no email', { details: { status } });
  if (status === 'active' && emailVerifiedBy !== 'holder') return;
  const message =
    status === 'active'
      ? 'The user has already verified this email'
      : 'Only an active user can verify an email';
  throw new Failure('not_verifiable', message, { details: { status } });
}

/** Builds the change that replaces the link of an earlier request. */
function buildRequest(
  { version, emailVerification: earlier }: User,
  { newEmail, limit }: Pick<EmailVerification, 'newEmail' | 'limit'>,
  { now, linkKeyId: keyId }: RequestVerificationDependencies,
): UserChanges {
  const requestedAt = now().toISOString();
  const waitMs = earlier
    ? Date.parse(earlier.requestedAt) + requestIntervalMs - Date.parse(requestedAt)
    : 0;
  if (waitMs > 0) throw tooManyRequests('verification_interval', waitMs / 1000);
  const emailVerification: EmailVerification = {
    version: version + 1,
    newEmail,
    keyId,
    requestedAt,
    limit,
  };
  return { fields: { emailVerification } };
}
