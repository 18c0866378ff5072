import { randomUUID } from 'node:crypto';
import { buildInitialVersion } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { toHex } from '../kernel/ids.ts';
import type { AppClient } from './app-client.ts';
import { createSecretId } from './create-secret.ts';

/** Fields of a new app client that its creation does not define. */
type NewFields = Pick<AppClient, 'clientId' | 'roles'> &
  Partial<Omit<AppClient, 'tenantId' | 'appClientId' | 'secrets'>>;

/** Builds a new app client. Its secret, if any, is limited to the permissions of the caller. */
export function buildAppClient<Fields extends NewFields>(
  { fields, hasSecret }: { readonly fields: Fields; readonly hasSecret: boolean },
  context: RequestContext,
  now: Date,
): AppClient & Fields {
  const initialVersion = buildInitialVersion(context, now);
  const { createdAt } = initialVersion;
  const limit = buildCredentialLimit(context, now);
  return {
    callbackUrls: [],
    logoutUrls: [],
    loginUrls: [],
    ...fields,
    tenantId: context.tenant.tenantId,
    appClientId: toHex(randomUUID()),
    secrets: hasSecret ? [{ secretId: createSecretId(), createdAt, ...(limit && { limit }) }] : [],
    ...initialVersion,
  };
}
