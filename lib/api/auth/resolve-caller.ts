import type { VerifiedClient } from '../../domain/app-clients/verify-secret.ts';
import type { AppClientStore } from '../../domain/app-clients/app-client-store.ts';
import type { Principal } from '../../domain/access/principal.ts';
import { unauthenticated } from '../../domain/kernel/failure.ts';
import {
  cradlIdPrefixes,
  formatId,
  idPatterns,
  type IdPrefix,
  getIdName,
  uuidPattern,
} from '../../domain/kernel/ids.ts';
import { toSubjectRef } from '../../domain/users/caller-account.ts';
import { systemAdministratorRole } from '../../domain/roles/role.ts';
import type { EpochMs, Timestamp } from '../../domain/kernel/time.ts';
import type { FindSubjectAccess, FindUserGroups } from '../../domain/access/token-subject.ts';
import type { DialectConventions } from '../dialects.ts';
import { readApiKey, createApiKeyVerifier } from './api-keys.ts';
import type { Issuer } from './issuers.ts';
import type { Claims } from './token-claims.ts';

export interface CallerDependencies {
  readonly verifyToken: (authorization: string | undefined) => Promise<Claims>;
  readonly ownIssuer: { readonly issuer: string };
  readonly findSubjectAccess: FindSubjectAccess;
  readonly findUserGroups: FindUserGroups;
  readonly appClients: AppClientStore;
  readonly idPrefix: IdPrefix;
  readonly now: () => Date;
}

/** Authenticated caller, before the tenant is resolved. */
export interface Caller extends Omit<Principal, 'permissions' | 'assigned'> {
  /** Tenants that the issuer of the credential may name. */
  readonly allowedTenants: Issuer['tenants'];
}

/**
 * Creates the function that authenticates a request by access token or API key. For credentials
 * issued by Roster, it reads the roles from the directory, or from a cache unless `needsCurrent`.
 * It throws `unauthenticated`.
 */
export function createCallerResolver(
  deps: CallerDependencies,
): (
  headers: Readonly<Record<string, string | undefined>>,
  conventions: Pick<DialectConventions, 'readApiKey'>,
  needsCurrent: boolean,
) => Promise<Caller> {
  const { verifyToken, ownIssuer, findSubjectAccess, findUserGroups, appClients, idPrefix } = deps;
  const verifyApiKey = createApiKeyVerifier(deps);

  const fromOwnToken = async (
    { issuer, subject, tenantId, generation, secretId, authTime, exp }: Claims,
    needsCurrent: boolean,
  ): Promise<Caller> => {
    const isTenant = tenantId !== undefined && uuidPattern.test(tenantId);
    const access = !isTenant
      ? undefined
      : await findSubjectAccess({ tenantId, subject, generation, secretId }, needsCurrent);
    if (!tenantId || !access)
      throw unauthenticated('token_revoked', 'The access token is no longer valid');
    const { appClientId, secretId: _secret, connectionId, ...rights } = access;
    return {
      issuer: issuer.issuer,
      subject,
      subjectIsUser: appClientId === undefined,
      tenantId,
      allowedTenants: '*',
      ...rights,
      authTime,
      expiresAtMs: exp * 1000,
      ...(appClientId !== undefined &&
        secretId !== undefined && {
          appClient: { tenantId, appClientId, secretId, connectionId },
        }),
    };
  };

  /** Builds the same caller as an access token of the app client. */
  const fromApiKey = ({
    appClient: { tenantId, appClientId, connectionId, systemAdministrator = false, ...appClient },
    secret: { secretId, limit, ...secret },
  }: VerifiedClient): Caller => ({
    issuer: ownIssuer.issuer,
    subject: formatId(idPrefix, 'app-client', appClientId),
    subjectIsUser: false,
    tenantId,
    allowedTenants: '*',
    systemAdministrator,
    roles: appClient.roles,
    groups: appClient.groups,
    limit,
    expiresAtMs: findEarliestMs(secret.expiresAt, appClient.expiresAt),
    appClient: { tenantId, appClientId, secretId, connectionId },
  });

  /** Adds the groups of a token's user to the roles in the token. */
  const fromExternalToken = async (claims: Claims, needsCurrent: boolean): Promise<Caller> => {
    const caller = toExternalCaller(claims, [idPrefix, ...cradlIdPrefixes]);
    const { tenantId } = caller;
    const ref = toSubjectRef(caller);
    if (!('userId' in ref) || tenantId === undefined || !uuidPattern.test(tenantId)) return caller;
    return { ...caller, groups: await findUserGroups({ tenantId, ...ref }, needsCurrent) };
  };

  const fromToken = (claims: Claims, needsCurrent: boolean): Promise<Caller> =>
    claims.issuer.issuer === ownIssuer.issuer
      ? fromOwnToken(claims, needsCurrent)
      : fromExternalToken(claims, needsCurrent);

  return async (headers, conventions, needsCurrent) => {
    const key = readApiKey(headers) ?? conventions.readApiKey?.(headers);
    const caller =
      key === undefined
        ? await fromToken(await verifyToken(headers['authorization']), needsCurrent)
        : fromApiKey(await verifyApiKey(key, needsCurrent));
    if (caller.appClient)
      await appClients.recordUse(caller.appClient.tenantId, caller.appClient.appClientId);
    return caller;
  };
}

/**
 * Takes the roles from the token, within the configured trust. Role IDs with other prefixes belong
 * to other systems.
 */
function toExternalCaller(
  { issuer, subject, tenantId, roles, authTime, exp }: Claims,
  prefixes: readonly IdPrefix[],
): Caller {
  const isRoleId = (role: string) =>
    idPatterns.role.test(role) && prefixes.some((prefix) => role.startsWith(`${prefix}:`));
  const slugs = roles.map((role) => (isRoleId(role) ? getIdName(role) : role));
  return {
    issuer: issuer.issuer,
    subject,
    subjectIsUser: issuer.subjectsAreUsers,
    tenantId,
    allowedTenants: issuer.tenants,
    systemAdministrator: issuer.system && slugs.includes(systemAdministratorRole),
    roles: slugs,
    groups: [],
    authTime,
    expiresAtMs: exp * 1000,
  };
}

function findEarliestMs(...times: readonly (Timestamp | undefined)[]): EpochMs | undefined {
  const timesMs = times.flatMap((time) => (time === undefined ? [] : Date.parse(time)));
  return timesMs.length === 0 ? undefined : Math.min(...timesMs);
}
