import type { VerifiedClient } from '../../domain/app-clients/verify-secret.ts';
import type { AppClientStore } from '../../domain/app-clients/app-client.ts';
import type { Principal } from '../../domain/access/request-context.ts';
import { unauthenticated } from '../../domain/kernel/failure.ts';
import {
  formatId,
  idPatterns,
  type IdPrefix,
  getIdName,
  uuidPattern,
} from '../../domain/kernel/ids.ts';
import { systemAdministratorRole } from '../../domain/roles/role.ts';
import type { FindSubjectAccess } from '../../domain/access/token-subject.ts';
import { apiKeyOf, apiKeys } from './api-keys.ts';
import type { Issuer } from './issuers.ts';
import type { Claims } from './verify-token.ts';

export interface CallerDependencies {
  readonly verifyToken: (authorization: string | undefined) => Promise<Claims>;
  readonly ownIssuer: { readonly issuer: string };
  readonly findStanding: FindSubjectAccess;
  readonly appClients: AppClientStore;
  readonly idPrefix: IdPrefix;
  readonly now: () => Date;
}

/** Who calls, before it is settled in which tenant. */
export interface Caller extends Omit<Principal, 'permissions'> {
  /** The tenants that who vouches for them may name. */
  readonly tenants: Issuer['tenants'];
}

/**
 * Finds out who sends a request: by an access token, or by an API key. What a bearer of Roster's own holds is what the
 * directory says currently, read strongly if `isCurrent`. Throws `unauthenticated` for all others.
 */
export function callers(
  deps: CallerDependencies,
): (headers: Readonly<Record<string, string | undefined>>, isCurrent: boolean) => Promise<Caller> {
  const { verifyToken, ownIssuer, findStanding, appClients, idPrefix } = deps;
  const findByKey = apiKeys(deps);

  const ofOwnToken = async (
    { issuer, subject, tenantId, generation, secretId, authTime }: Claims,
    isCurrent: boolean,
  ): Promise<Caller> => {
    const isTenant = tenantId !== undefined && uuidPattern.test(tenantId);
    const standing = !isTenant
      ? undefined
      : await findStanding({ tenantId, subject, generation, secretId }, isCurrent);
    if (!tenantId || !standing)
      throw unauthenticated('token_revoked', 'The access token is no longer valid');
    const { roles, systemAdministrator, limit, isPasswordSetByOther, appClientId } = standing;
    return {
      issuer: issuer.issuer,
      subject,
      subjectIsUser: appClientId === undefined,
      tenantId,
      tenants: '*',
      systemAdministrator,
      roles,
      limit,
      isPasswordSetByOther,
      authTime,
      ...(appClientId !== undefined &&
        secretId !== undefined && { appClient: { tenantId, appClientId, secretId } }),
    };
  };

  /** The same as of a token of that app client. */
  const ofKey = ({
    appClient: { tenantId, appClientId, roles, systemAdministrator = false },
    secret: { secretId, limit },
  }: VerifiedClient): Caller => ({
    issuer: ownIssuer.issuer,
    subject: formatId(idPrefix, 'app-client', appClientId),
    subjectIsUser: false,
    tenantId,
    tenants: '*',
    systemAdministrator,
    roles,
    limit,
    appClient: { tenantId, appClientId, secretId },
  });

  const ofToken = (claims: Claims, isCurrent: boolean): Caller | Promise<Caller> =>
    claims.issuer.issuer === ownIssuer.issuer
      ? ofOwnToken(claims, isCurrent)
      : ofForeignToken(claims);

  return async (headers, isCurrent) => {
    const key = apiKeyOf(headers);
    const caller =
      key === undefined
        ? await ofToken(await verifyToken(headers['authorization']), isCurrent)
        : ofKey(await findByKey(key, isCurrent));
    if (caller.appClient)
      await appClients.recordUse(caller.appClient.tenantId, caller.appClient.appClientId);
    return caller;
  };
}

/** Of another issuer: what the token says, as far as that is believed. */
function ofForeignToken({ issuer, subject, tenantId, roles, authTime }: Claims): Caller {
  const names = roles.map((role) => (idPatterns.role.test(role) ? getIdName(role) : role));
  return {
    issuer: issuer.issuer,
    subject,
    subjectIsUser: issuer.subjectsAreUsers,
    tenantId,
    tenants: issuer.tenants,
    systemAdministrator: issuer.system && names.includes(systemAdministratorRole),
    roles: names,
    authTime,
  };
}
