import { createSecret, type NewSecret, createSecretId } from './create-secret.ts';
import { type AppClient, selectActiveSecrets, type SecretInfo } from './app-client.ts';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type AppClientDependencies,
  authorizeWrite,
  changeAppClient,
  isCaller,
  assertNotRevoked,
  type AppClientTarget,
} from './change-app-client.ts';

/** One that is in use, and one that takes its place. */
const maxActiveSecrets = 2;

/**
 * Gives an app client a new secret, which is there to be shown this once; the one before stays good for `overlap` milliseconds
 * and no longer. Throws `forbidden`, `not_found`, `precondition_failed`, `secret_limit_reached` where two are good already and
 * are to stay good for a while, and `app_client_revoked`.
 */
export async function rotateSecret(
  target: AppClientTarget,
  overlapMs: number,
  call: RequestContext,
  deps: AppClientDependencies,
): Promise<{ readonly appClient: AppClient; readonly secret: string }> {
  authorizeWrite(call, deps.policy);
  const secretId = createSecretId();
  let newSecret: NewSecret | undefined;
  const change = (before: AppClient): Partial<AppClient> => {
    const now = deps.now();
    const active = selectActiveSecrets(assertNotRevoked(before), now);
    const retained = overlapMs === 0 ? [] : active;
    if (retained.length >= maxActiveSecrets) throw secretLimitReached();
    newSecret ??= createSecret(before.clientId);
    const expiresAt = new Date(now.getTime() + overlapMs).toISOString();
    const limit = buildCredentialLimit(call, now);
    return {
      secrets: [
        ...retained.map((secret) => withExpiry(secret, expiresAt)),
        { secretId, createdAt: now.toISOString(), ...(limit && { limit }) },
      ],
    };
  };
  const appClient = await changeAppClient(
    { action: 'rotateSecret', target, change, hash: () => newSecret?.hash },
    call,
    deps,
  );
  if (!newSecret) throw new Error('a rotation has made no secret');
  return { appClient, secret: newSecret.secret };
}

/**
 * Takes one secret from an app client. Throws `forbidden`, `not_found`, `precondition_failed`, and `self_protected` where the caller
 * is the app client and it would have none left to call with.
 */
export async function removeSecret(
  target: AppClientTarget,
  secretId: string,
  call: RequestContext,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite(call, deps.policy);
  const change = (before: AppClient): Partial<AppClient> => {
    const active = selectActiveSecrets(before, deps.now());
    const remaining = active.filter((secret) => secret.secretId !== secretId);
    if (remaining.length === active.length)
      throw new Failure('not_found', 'This app client has no such secret');
    if (remaining.length === 0 && isCaller(before, call))
      throw new Failure('self_protected', 'An app client cannot remove its own last secret');
    return { secrets: remaining };
  };
  return changeAppClient({ action: 'removeSecret', target, change }, call, deps);
}

const secretLimitReached = (): Failure =>
  new Failure(
    'secret_limit_reached',
    'The app client already has two active secrets. Remove one, or set overlapSeconds to 0.',
  );

/** ISO 8601 of one length, and so the earlier is the lesser. */
const withExpiry = (secret: SecretInfo, expiresAt: string): SecretInfo => ({
  ...secret,
  expiresAt:
    secret.expiresAt !== undefined && secret.expiresAt < expiresAt ? secret.expiresAt : expiresAt,
});
