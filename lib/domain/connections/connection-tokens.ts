import type { RequestContext } from '../access/request-context.ts';
import type { AppClient } from '../app-clients/app-client.ts';
import { assertInFuture } from '../app-clients/manage-app-clients.ts';
import { prepareRotation, removeActiveSecret } from '../app-clients/rotate-secrets.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import {
  authorizeConnectionWrite,
  changeConnection,
  type ConnectionDependencies,
  type ConnectionTarget,
  type ConnectionView,
} from './change-connection.ts';

interface CreateTokenInput {
  readonly target: ConnectionTarget;
  readonly overlapMs: DurationMs;
  readonly expiresAt?: Timestamp | undefined;
}

/**
 * Creates a token, which is returned only here. The previous one stays active for the overlap.
 * Throws `forbidden`, `not_found`, `precondition_failed`, `invalid_input` for an expiration in the
 * past, or `secret_limit_reached` if two tokens would stay active.
 */
export async function createConnectionToken(
  { target, overlapMs, expiresAt }: CreateTokenInput,
  context: RequestContext,
  deps: ConnectionDependencies,
): Promise<ConnectionView & { readonly token: string }> {
  authorizeConnectionWrite([], context, deps.policy);
  assertInFuture(expiresAt, deps.now());
  const rotation = prepareRotation({ overlapMs, expiresAt }, context, deps);
  const change = ({ appClient }: ConnectionView) => ({ appClient: rotation.change(appClient) });
  const { hash } = rotation;
  const view = await changeConnection(
    { action: 'createToken', appClientAction: 'rotateSecret', target, change, hash },
    context,
    deps,
  );
  return { ...view, token: rotation.getSecret() };
}

interface RemoveTokenInput {
  readonly target: ConnectionTarget;
  readonly secretId: string;
}

/**
 * Removes a token. Throws `forbidden`, `not_found` or `precondition_failed`.
 */
export function removeConnectionToken(
  { target, secretId }: RemoveTokenInput,
  context: RequestContext,
  deps: ConnectionDependencies,
): Promise<ConnectionView> {
  authorizeConnectionWrite([], context, deps.policy);
  const remove = (appClient: AppClient) =>
    removeActiveSecret({ appClient, secretId }, context, deps.now());
  const change = ({ appClient }: ConnectionView) => ({ appClient: remove(appClient) });
  return changeConnection(
    { action: 'removeToken', appClientAction: 'removeSecret', target, change },
    context,
    deps,
  );
}
