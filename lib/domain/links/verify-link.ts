import type { RequestContext } from '../access/request-context.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { Failure } from '../kernel/failure.ts';
import { formatId, type IdPrefix, toHex } from '../kernel/ids.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { type ChangeDependencies, changeUser } from '../users/change-user.ts';
import type { UserChanges } from '../users/build-user-change.ts';
import type { User, UserWithGroups } from '../users/user.ts';
import { buildLinkMessage, type LinkKind, type LinkVerifier, parseLinkToken } from './link.ts';

export interface VerifyLinkDependencies extends ChangeDependencies {
  readonly tenants: TenantStore;
  readonly links: LinkVerifier;
  /** Key that signs new links. */
  readonly linkKeyId: string;
  readonly idPrefix: IdPrefix;
}

export interface LinkRequest {
  readonly token: string;
  /** Tenant named by the host or a header. The token must belong to it. */
  readonly tenantHint: {
    readonly slug?: string | undefined;
    readonly tenantId?: string | undefined;
  };
  readonly requestId: string;
  readonly dialect: string;
  readonly deadline: EpochMs;
}

/** Parts of the MAC of an issued link that its token does not contain, and the key. */
export interface IssuedLink {
  readonly id: string;
  readonly keyId: string;
  /** Absent for a link to the email of the user. */
  readonly email?: string;
}

/** Kind of link, and the look-up of the issued one. */
export interface IssuedLinkType<Link extends IssuedLink> {
  readonly kind: LinkKind;
  /**
   * Finds the last link of a user. For an unknown user it takes the same steps, with a placeholder.
   */
  readonly findIssuedLink: (
    user: User | undefined,
    address: { readonly tenantId: string; readonly email: string },
  ) => Promise<Link | undefined>;
}

/** Link whose token is verified, with the version in the token. */
export interface VerifiedLink<Link> {
  readonly user: User;
  readonly link: Link;
  readonly version: number;
}

interface LinkChange {
  /** Action in the change record. */
  readonly action: ChangeAction<'user'>;
  /** Issuer in the change record. */
  readonly issuer: string;
  readonly user: User;
  readonly tenant: TenantWithRoles;
  readonly request: LinkRequest;
  /** Limit of the credential that the link represents. */
  readonly limit?: RequestContext['principal']['limit'];
  /** Returns the changes. Runs again after a concurrent change. */
  readonly change: (
    user: UserWithGroups,
    context: RequestContext,
  ) => UserChanges | Promise<UserChanges>;
}

/** Changes the user of a verified link, who acts as the account holder. */
export function changeByLink(
  { action, issuer, user: { userId }, tenant, request, limit, change }: LinkChange,
  deps: VerifyLinkDependencies,
): Promise<User> {
  const principal = {
    issuer,
    subject: formatId(deps.idPrefix, 'user', toHex(userId)),
    subjectIsUser: true,
    tenantId: tenant.tenantId,
    systemAdministrator: false,
    roles: [],
    groups: [],
    assigned: { roles: [], groups: [] },
    permissions: [],
    limit,
  };
  const { dialect, requestId, deadline } = request;
  const context: RequestContext = {
    principal,
    tenant,
    dialect,
    requestId,
    deadline,
    decisions: [],
  };
  return changeUser(
    { action, ref: { userId }, self: true, byLink: true, change: (user) => change(user, context) },
    context,
    deps,
  );
}

export const linkNotFound = (): Failure => new Failure('not_found', 'This link is not valid');

/** Email of unknown users. */
const placeholderEmail = 'unknown@example.com';

/**
 * Verifies the token of a link. Invalid links take the same steps as valid ones and get the same
 * error, which does not reveal what is wrong.
 */
export async function verifyLink<Link extends IssuedLink>(
  { token, tenantHint }: LinkRequest,
  { kind, findIssuedLink }: IssuedLinkType<Link>,
  deps: VerifyLinkDependencies,
): Promise<VerifiedLink<Link> & { readonly tenant: TenantWithRoles }> {
  const parsedToken = parseLinkToken(token);
  if (!parsedToken) throw linkNotFound();
  const { tenantId, userId, version, mac } = parsedToken;
  const [tenant, storedUser] = await Promise.all([
    deps.tenants.find(tenantId),
    deps.users.get(tenantId, { userId }, false),
  ]);
  const user = storedUser?.status === 'deleted' ? undefined : storedUser;
  const email = user?.email ?? placeholderEmail;
  const link = await findIssuedLink(user, { tenantId, email });
  const subject = { tenantId, userId, id: link?.id ?? '', email: link?.email ?? email, version };
  const message = buildLinkMessage(kind, subject);
  const isValid = await deps.links.verify(link?.keyId ?? deps.linkKeyId, message, mac);
  const matchesHint =
    (tenantHint.slug ?? tenant?.slug) === tenant?.slug &&
    (tenantHint.tenantId ?? tenantId) === tenantId;
  if (!isValid || !matchesHint || !tenant || !user || !link) throw linkNotFound();
  // The result is permanent, so it needs the current tenant. A forged link must not cost this read.
  const current = await deps.tenants.findCurrent(tenantId);
  if (!current) throw linkNotFound();
  if (current.status !== 'active')
    throw new Failure('tenant_suspended', 'This tenant is suspended');
  return { user, tenant: current, link, version };
}
