import { createSecret, type NewSecret, createSecretId } from './create-secret.ts';
import { type AppClient, selectActiveSecrets, type SecretInfo } from './app-client.ts';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import {
  type AppClientDependencies,
  authorizeWrite,
  changeAppClient,
  isCaller,
  assertNotRevoked,
  type AppClientTarget,
} from './change-app-client.ts';

/** The current secret and its replacement. */
const maxActiveSecrets = 2;

/**
 * Creates a new secret, which is returned only here. The previous one stays active for the overlap.
 * Throws `forbidden`, `not_found`, `precondition_failed`, `app_client_revoked`, and
 * `secret_limit_reached` if two secrets would stay active.
 */
export async function rotateSecret(
  { target, overlapMs }: { readonly target: AppClientTarget; readonly overlapMs: DurationMs },
  context: RequestContext,
  deps: AppClientDependencies,
): Promise<{ readonly appClient: AppClient; readonly secret: string }> {
  authorizeWrite({}, context, deps.policy);
  const secretId = createSecretId();
  let newSecret: NewSecret | undefined;
  const change = (before: AppClient): Partial<AppClient> => {
    assertNotRevoked(before);
    const now = deps.now();
    const active = selectActiveSecrets(before, now);
    const retained = overlapMs === 0 ? [] : active;
    if (retained.length >= maxActiveSecrets) throw secretLimitReached();
    newSecret ??= createSecret(before.clientId);
    const expiresAt = new Date(now.getTime() + overlapMs).toISOString();
    const limit = buildCredentialLimit(context, now);
    return {
      secrets: [
        ...retained.map((secret) => withExpiry(secret, expiresAt)),
        { secretId, createdAt: now.toISOString(), ...(limit && { limit }) },
      ],
    };
  };
  const appClient = await changeAppClient(
    { action: 'rotateSecret', target, change, hash: () => newSecret?.hash },
    context,
    deps,
  );
  if (!newSecret) throw new Error('The rotation created no secret');
  return { appClient, secret: newSecret.secret };
}

/**
 * Removes a secret. Throws `forbidden`, `not_found`, `precondition_failed`, and `self_protected`
 * for the last secret of the caller.
 */
export async function removeSecret(
  { target, secretId }: { readonly target: AppClientTarget; readonly secretId: string },
  context: RequestContext,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite({}, context, deps.policy);
  const change = (before: AppClient): Partial<AppClient> => {
    const active = selectActiveSecrets(before, deps.now());
    const remaining = active.filter((secret) => secret.secretId !== secretId);
    if (remaining.length === active.length)
      throw new Failure('not_found', 'The app client has no active secret with this ID');
    if (remaining.length === 0 && isCaller(before, context))
      throw new Failure('self_protected', 'An app client cannot remove its own last secret');
    return { secrets: remaining };
  };
  return changeAppClient({ action: 'removeSecret', target, change }, context, deps);
}

const secretLimitReached = (): Failure =>
  new Failure(
    'secret_limit_reached',
    'The app client already has two active secrets. Remove one, or set overlapSeconds to 0.',
  );

/** Moves the expiration forward to a time. Timestamps of one format compare as strings. */
const withExpiry = (secret: SecretInfo, expiresAt: Timestamp): SecretInfo => ({
  ...secret,
  expiresAt:
    secret.expiresAt !== undefined && secret.expiresAt < expiresAt ? secret.expiresAt : expiresAt,
});
