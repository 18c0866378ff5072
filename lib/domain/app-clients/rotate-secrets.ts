import { createSecret, type NewSecret } from './create-secret.ts';
import { type AppClient, liveSecrets, type SecretInfo } from './app-client.ts';
import type { Call } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type AppClientDependencies,
  authorizeWrite,
  changeAppClient,
  isCaller,
  newSecretId,
  stillThere,
  type Target,
} from './change-app-client.ts';

/** One that is in use, and one that takes its place. */
const mostSecrets = 2;

/**
 * Gives an app client a new secret, which is there to be shown this once; the one before stays good for `overlap` milliseconds
 * and no longer. Throws `forbidden`, `not_found`, `precondition_failed`, `secret_limit_reached` where two are good already and
 * are to stay good for a while, and `app_client_revoked`.
 */
export async function rotateSecret(
  target: Target,
  overlap: number,
  call: Call,
  deps: AppClientDependencies,
): Promise<{ readonly appClient: AppClient; readonly secret: string }> {
  authorizeWrite(call, deps.policy);
  const secretId = newSecretId();
  let made: NewSecret | undefined;
  const change = (before: AppClient): Partial<AppClient> => {
    const now = deps.now();
    const live = liveSecrets(stillThere(before), now);
    const kept = overlap === 0 ? [] : live;
    if (kept.length >= mostSecrets) throw secretLimitReached();
    made ??= createSecret(before.clientId);
    const end = new Date(now.getTime() + overlap).toISOString();
    const limit = buildCredentialLimit(call, now);
    return {
      secrets: [
        ...kept.map((secret) => endingBy(secret, end)),
        { secretId, createdTime: now.toISOString(), ...(limit && { limit }) },
      ],
    };
  };
  const appClient = await changeAppClient(
    { action: 'rotateSecret', target, change, hash: () => made?.hash },
    call,
    deps,
  );
  if (!made) throw new Error('a rotation has made no secret');
  return { appClient, secret: made.secret };
}

/**
 * Takes one secret from an app client. Throws `forbidden`, `not_found`, `precondition_failed`, and `self_protected` where the caller
 * is the app client and it would have none left to call with.
 */
export async function removeSecret(
  target: Target,
  secretId: string,
  call: Call,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite(call, deps.policy);
  const change = (before: AppClient): Partial<AppClient> => {
    const live = liveSecrets(before, deps.now());
    const left = live.filter((secret) => secret.secretId !== secretId);
    if (left.length === live.length)
      throw new Failure('not_found', 'This app client has no such secret');
    if (left.length === 0 && isCaller(before, call))
      throw new Failure('self_protected', 'An app client cannot remove its own last secret');
    return { secrets: left };
  };
  return changeAppClient({ action: 'removeSecret', target, change }, call, deps);
}

const secretLimitReached = (): Failure =>
  new Failure(
    'secret_limit_reached',
    'The app client already has two active secrets. Remove one, or set overlapSeconds to 0.',
  );

/** ISO 8601 of one length, and so the earlier is the lesser. */
const endingBy = (secret: SecretInfo, end: string): SecretInfo => ({
  ...secret,
  expires: secret.expires !== undefined && secret.expires < end ? secret.expires : end,
});
