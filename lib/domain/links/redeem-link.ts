import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { toHex, formatId, type IdPrefix } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import { type LinkKind, buildLinkMessage, type LinkVerifier, parseLinkToken } from './link.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { type ChangeDependencies, changeUser } from '../users/change-user.ts';
import { collectPersonalWords } from '../credentials/personal-words.ts';
import { hashNewPassword } from '../credentials/hash-new-password.ts';
import type { User } from '../users/user.ts';

export interface LinkDependencies extends ChangeDependencies {
  readonly tenants: TenantStore;
  readonly links: LinkVerifier;
  /** Key that signs new links. */
  readonly linkKeyId: string;
  readonly idPrefix: IdPrefix;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
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
interface IssuedLink {
  readonly id: string;
  readonly keyId: string;
}

/** Properties in which types of password links differ. */
export interface LinkType<Link extends IssuedLink, Holder extends User> {
  readonly kind: LinkKind;
  /** The change record names the issuer `<issuer>:<link ID>`. */
  readonly issuer: string;
  /** Action in the change record. */
  readonly action: string;
  /**
   * Finds the last link of a user. For an unknown user it takes the same steps, with a placeholder.
   */
  readonly findIssuedLink: (
    user: User | undefined,
    address: { readonly tenantId: string; readonly email: string },
  ) => Promise<Link | undefined>;
  /** Returns the account holder. Throws unless this version of the link is open. */
  readonly assertUsable: (verifiedLink: VerifiedLink<Link>, now: Date) => Holder;
  readonly getExpiresAt: (user: Holder, link: Link) => string;
  /** Returns the changes that accompany the new password. Throws if the link cannot be used. */
  readonly buildChanges: (
    user: Holder,
    tenant: TenantWithRoles,
    now: Date,
  ) => Partial<User> | Promise<Partial<User>>;
}

/** Link whose token is verified, with the version in the token. */
export interface VerifiedLink<Link> {
  readonly user: User;
  readonly link: Link;
  readonly version: number;
}

export interface RedeemedLink {
  readonly user: User;
  readonly tenant: TenantWithRoles;
}

/** Open link, for the page that shows it. */
export interface LinkDetails extends RedeemedLink {
  readonly expiresAt: Timestamp;
  /** Words that the password must not contain. */
  readonly personalWords: readonly string[];
}

/**
 * Verifies a link without changing anything. Throws `not_found` for an invalid token,
 * `tenant_suspended`, and the errors of the link type.
 */
export async function inspectLink<Link extends IssuedLink, Holder extends User>(
  request: LinkRequest,
  type: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<LinkDetails> {
  const { tenant, ...verifiedLink } = await verifyLink(request, type, deps);
  const { user, link } = verifiedLink;
  const now = deps.now();
  const holder = type.assertUsable(verifiedLink, now);
  // Fails now rather than after the user has chosen a password.
  await type.buildChanges(holder, tenant, now);
  const personalWords = collectPersonalWords(user, tenant).filter((word) => word !== undefined);
  return { user, tenant, expiresAt: type.getExpiresAt(holder, link), personalWords };
}

/** Sets the password by a link, once. Throws like `inspectLink`, and `password_rejected`. */
export async function redeemLink<Link extends IssuedLink, Holder extends User>(
  { password, request }: { readonly password: string; readonly request: LinkRequest },
  type: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<RedeemedLink> {
  const { tenant, user, ...token } = await verifyLink(request, type, deps);
  const change = async (current: User) => {
    const verifiedLink = { ...token, user: current };
    const now = deps.now();
    const fields = await type.buildChanges(type.assertUsable(verifiedLink, now), tenant, now);
    const passwordHash = await hashNewPassword({ password, user: current, tenant }, deps);
    // The link may have expired while hashing.
    type.assertUsable(verifiedLink, deps.now());
    return { fields, passwordHash };
  };
  const principal = {
    issuer: `${type.issuer}:${token.link.id}`,
    subject: formatId(deps.idPrefix, 'user', toHex(user.userId)),
    subjectIsUser: true,
    tenantId: tenant.tenantId,
    systemAdministrator: false,
    roles: [],
    groups: [],
    permissions: [],
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
  const updatedUser = await changeUser(
    { action: type.action, ref: { userId: user.userId }, self: true, byLink: true, change },
    context,
    deps,
  );
  return { user: updatedUser, tenant };
}

export const linkNotFound = (): Failure => new Failure('not_found', 'This link is not valid');

/** Email of unknown users. */
const placeholderEmail = 'unknown@example.com';

/**
 * Verifies the token of a link. Invalid links take the same steps as valid ones and get the same
 * error, which does not reveal what is wrong.
 */
async function verifyLink<Link extends IssuedLink, Holder extends User>(
  { token, tenantHint }: LinkRequest,
  { kind, findIssuedLink }: LinkType<Link, Holder>,
  deps: LinkDependencies,
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
  const message = buildLinkMessage(kind, { tenantId, userId, id: link?.id ?? '', email, version });
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
