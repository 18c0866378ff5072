import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { tooManyRequests } from '../kernel/limits.ts';
import type { DurationMs } from '../kernel/time.ts';
import { createLinkToken, type LinkSigner, parseLinkToken } from '../links/link.ts';
import { linkNotFound } from '../links/verify-link.ts';
import { type CallerAccount, findCallerAccount, toCallerAccount } from '../users/caller-account.ts';
import { type ChangeDependencies, changeUser, userNotFound } from '../users/change-user.ts';
import { hasEmail, type User, type UserWithEmail } from '../users/user.ts';
import {
  type ConfirmableCredential,
  type CredentialConfirmation,
  replaceLimits,
} from './credential-limit.ts';
import { needsOwnPassword } from './inactive-permissions.ts';

export interface ConfirmCredentialDependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly linkKeyId: string;
}

export const confirmationLifetimeMs: DurationMs = 60 * 60_000;
const requestIntervalMs: DurationMs = 60_000;

/** True unless the email, identity, password or status changed after the request. */
export const isCurrentConfirmation = ({ confirmation, resetGeneration = 0 }: User): boolean =>
  confirmation?.generation === resetGeneration;

/** Builds the token of the confirmation link. */
export const buildConfirmationToken = (
  user: UserWithEmail,
  { confirmationId: id, keyId, generation: version }: CredentialConfirmation,
  links: LinkSigner,
): Promise<string> =>
  createLinkToken('credential_confirmation', { ...user, id, version, keyId }, links);

/**
 * Requests a link that lifts the limit of the caller's email or identity. Throws `not_found`,
 * `account_suspended`, `forbidden` unless the caller proves to be the account holder,
 * `invalid_input` for a credential without a limit, or `too_many_requests` within a minute.
 */
export async function requestConfirmation(
  credential: ConfirmableCredential,
  context: RequestContext,
  deps: ConfirmCredentialDependencies,
): Promise<void> {
  const { user } = await getConfirmingAccount(credential, context, deps);
  const change = (current: User) => {
    assertMayConfirm(toCallerAccount(current, context), credential, context);
    if (current.credentialLimits?.[credential] === undefined)
      throw invalidInput({
        path: 'credential',
        message: 'cannot be confirmed, because no other user set it',
      });
    const now = deps.now();
    const waitMs = current.confirmation
      ? Date.parse(current.confirmation.requestedAt) + requestIntervalMs - now.getTime()
      : 0;
    if (waitMs > 0) throw tooManyRequests('confirmation_interval', waitMs / 1000);
    const confirmation: CredentialConfirmation = {
      confirmationId: randomUUID(),
      credential,
      keyId: deps.linkKeyId,
      generation: current.resetGeneration ?? 0,
      requestedAt: now.toISOString(),
    };
    return { fields: { confirmation } };
  };
  await changeUser(
    { action: 'requestConfirmation', ref: { userId: user.userId }, self: true, change },
    context,
    deps,
  );
}

/**
 * Lifts the limit of a credential by the mailed link, once. Throws `not_found` unless the link is
 * the latest of the caller's account, `confirmation_expired` after an hour, and the failures of
 * `requestConfirmation`.
 */
export async function confirmCredential(
  token: string,
  context: RequestContext,
  deps: ConfirmCredentialDependencies & { readonly links: LinkSigner },
): Promise<void> {
  deps.policy.authorize(context, 'useOwnAccount', {});
  const account = await findCallerAccount(context, deps);
  const link = parseLinkToken(token);
  if (!account || link?.userId !== account.user.userId || link.tenantId !== account.user.tenantId)
    throw linkNotFound();
  const change = async (user: User) => {
    const { confirmation } = user;
    if (
      !confirmation ||
      !hasEmail(user) ||
      !isCurrentConfirmation(user) ||
      !isEqual(token, await buildConfirmationToken(user, confirmation, deps.links))
    )
      throw linkNotFound();
    if (deps.now().getTime() >= Date.parse(confirmation.requestedAt) + confirmationLifetimeMs)
      throw new Failure('confirmation_expired', 'The link has expired. Request a new one.');
    const { credential } = confirmation;
    assertMayConfirm(toCallerAccount(user, context), credential, context);
    return {
      fields: {
        confirmation: undefined,
        credentialLimits: replaceLimits(user.credentialLimits, { [credential]: undefined }),
        ...(credential === 'email' &&
          ({ emailVerified: true, emailVerifiedBy: 'holder' } as const)),
      },
    };
  };
  await changeUser(
    { action: 'confirmCredential', ref: { userId: account.user.userId }, self: true, change },
    context,
    deps,
  );
}

async function getConfirmingAccount(
  credential: ConfirmableCredential,
  context: RequestContext,
  deps: ConfirmCredentialDependencies,
): Promise<CallerAccount> {
  deps.policy.authorize(context, 'useOwnAccount', {});
  const account = await findCallerAccount(context, deps);
  if (!account) throw userNotFound();
  assertMayConfirm(account, credential, context);
  return account;
}

/**
 * Throws `forbidden` unless the caller proves to be the account holder. An email requires a sign-in
 * with an unlimited credential. An identity requires its own token and an email that the holder
 * verified.
 */
function assertMayConfirm(
  account: CallerAccount<User> | undefined,
  credential: ConfirmableCredential,
  { tenant }: RequestContext,
): void {
  if (!account) throw userNotFound();
  const { user, isMatchedByIdentity, limit } = account;
  if (user.status !== 'active') throw new Failure('account_suspended', 'This account is suspended');
  const hasOwnCredential =
    limit === undefined && (isMatchedByIdentity || !needsOwnPassword(user, tenant));
  const hasOwnEmail =
    user.credentialLimits?.email === undefined && user.emailVerifiedBy === 'holder';
  if (credential === 'email' ? hasOwnCredential : isMatchedByIdentity && hasOwnEmail) return;
  throw new Failure(
    'forbidden',
    'Another user set the credentials that would prove you are the account holder',
    {
      details: { credential },
      notices: [
        credential === 'email'
          ? 'To confirm an email, sign in with a password or identity that you set yourself.'
          : 'To confirm an identity, use its token. The account must have an email that its holder verified.',
      ],
    },
  );
}

const isEqual = (actual: string, expected: string): boolean =>
  actual.length === expected.length && timingSafeEqual(Buffer.from(actual), Buffer.from(expected));
