import type { VerifiedClient } from '../../domain/app-clients/verify-secret.ts';
import type { AppClientStore } from '../../domain/app-clients/app-client-store.ts';
import type { Principal } from '../../domain/access/principal.ts';
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
import { readApiKey, createApiKeyVerifier } from './api-keys.ts';
import type { Issuer } from './issuers.ts';
import type { Claims } from './token-claims.ts';

export interface CallerDependencies {
  readonly verifyToken: (authorization: string | undefined) => Promise<Claims>;
  readonly ownIssuer: { readonly issuer: string };
  readonly findSubjectAccess: FindSubjectAccess;
  readonly appClients: AppClientStore;
  readonly idPrefix: IdPrefix;
  readonly now: () => Date;
}

/** Authenticated caller, before the tenant is resolved. */
export interface Caller extends Omit<Principal, 'permissions'> {
  /** Tenants that the issuer of the credential may name. */
  readonly allowedTenants: Issuer['tenants'];
}

/**
 * Creates the function that authenticates a request by access token or API key. For credentials
 * issued by Roster, it reads the rights from the directory, strongly if `isCurrent`. It throws
 * `unauthenticated`.
 */
export function createCallerResolver(
  deps: CallerDependencies,
): (headers: Readonly<Record<string, string | undefined>>, isCurrent: boolean) => Promise<Caller> {
  const { verifyToken, ownIssuer, findSubjectAccess, appClients, idPrefix } = deps;
  const findByKey = createApiKeyVerifier(deps);

  const fromOwnToken = async (
    { issuer, subject, tenantId, generation, secretId, authTime }: Claims,
    isCurrent: boolean,
  ): Promise<Caller> => {
    const isTenant = tenantId !== undefined && uuidPattern.test(tenantId);
    const standing = !isTenant
      ? undefined
      : await findSubjectAccess({ tenantId, subject, generation, secretId }, isCurrent);
    if (!tenantId || !standing)
      throw unauthenticated('token_revoked', 'The access token is no longer valid');
    const { roles, systemAdministrator, limit, isPasswordSetByOther, appClientId } = standing;
    return {
      issuer: issuer.issuer,
      subject,
      subjectIsUser: appClientId === undefined,
      tenantId,
      allowedTenants: '*',
      systemAdministrator,
      roles,
      limit,
      isPasswordSetByOther,
      authTime,
      ...(appClientId !== undefined &&
        secretId !== undefined && { appClient: { tenantId, appClientId, secretId } }),
    };
  };

  /** Equals the caller of an access token of the app client. */
  const fromApiKey = ({
    appClient: { tenantId, appClientId, roles, systemAdministrator = false },
    secret: { secretId, limit },
  }: VerifiedClient): Caller => ({
    issuer: ownIssuer.issuer,
    subject: formatId(idPrefix, 'app-client', appClientId),
    subjectIsUser: false,
    tenantId,
    allowedTenants: '*',
    systemAdministrator,
    roles,
    limit,
    appClient: { tenantId, appClientId, secretId },
  });

  const fromToken = (claims: Claims, isCurrent: boolean): Caller | Promise<Caller> =>
    claims.issuer.issuer === ownIssuer.issuer
      ? fromOwnToken(claims, isCurrent)
      : fromExternalToken(claims);

  return async (headers, isCurrent) => {
    const key = readApiKey(headers);
    const caller =
      key === undefined
        ? await fromToken(await verifyToken(headers['authorization']), isCurrent)
        : fromApiKey(await findByKey(key, isCurrent));
    if (caller.appClient)
      await appClients.recordUse(caller.appClient.tenantId, caller.appClient.appClientId);
    return caller;
  };
}

/** Takes the rights from the token, within the configured trust. */
function fromExternalToken({ issuer, subject, tenantId, roles, authTime }: Claims): Caller {
  const names = roles.map((role) => (idPatterns.role.test(role) ? getIdName(role) : role));
  return {
    issuer: issuer.issuer,
    subject,
    subjectIsUser: issuer.subjectsAreUsers,
    tenantId,
    allowedTenants: issuer.tenants,
    systemAdministrator: issuer.system && names.includes(systemAdministratorRole),
    roles: names,
    authTime,
  };
}
