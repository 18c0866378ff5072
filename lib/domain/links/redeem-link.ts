import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { toHex, formatId, type IdPrefix } from '../kernel/ids.ts';
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
  /** The key that new links are made with. */
  readonly linkKeyId: string;
  readonly idPrefix: IdPrefix;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

/** The link that is presented, and by which request. */
export interface LinkRequest {
  readonly token: string;
  /** The tenant that the request names besides, by its host or a header; the token has to be of the same. */
  readonly tenantHint: {
    readonly slug?: string | undefined;
    readonly tenantId?: string | undefined;
  };
  readonly requestId: string;
  readonly dialect: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

/** What a link that was sent has in its MAC besides what its token says, and the key of that. */
interface IssuedLink {
  readonly id: string;
  readonly keyId: string;
}

/** A kind of link by which somebody chooses their password: all in which one kind differs from another. */
export interface LinkType<Link extends IssuedLink, Holder extends User> {
  readonly kind: LinkKind;
  /** Who changes the user, as the record of that says: `<issuer>:<id of the link>`. */
  readonly issuer: string;
  /** What that change is called. */
  readonly action: string;
  /** What was sent last to a user; undefined where nothing was. It takes the same steps for a user that there is not, by the address of nobody. */
  readonly findIssuedLink: (
    user: User | undefined,
    address: { readonly tenantId: string; readonly email: string },
  ) => Promise<Link | undefined>;
  /** The user as they are now, as somebody to whom this version of the link is open. Throws where it is not, or not any more. */
  readonly assertUsable: (user: User, link: Link, version: number, now: Date) => Holder;
  /** The first moment at which it is good no more; ISO 8601. */
  readonly getExpiresAt: (user: Holder, link: Link) => string;
  /** What becomes of the user besides the new password. Throws where nothing may become of them. */
  readonly buildChanges: (
    user: Holder,
    tenant: TenantWithRoles,
    now: Date,
  ) => Partial<User> | Promise<Partial<User>>;
}

/** Who has chosen their password by a link. */
export interface RedeemedLink {
  readonly user: User;
  readonly tenant: TenantWithRoles;
}

/** A link that can be used, as the person is shown it. */
export interface LinkDetails extends RedeemedLink {
  /** ISO 8601. */
  readonly expiresAt: string;
  /** What the password must not be built around. */
  readonly personalWords: readonly string[];
}

/**
 * Looks up a link by its token and changes nothing. Throws `not_found` for any text that is not a genuine token, `tenant_suspended`,
 * and the failures of the kind of link for one that is not open.
 */
export async function inspectLink<Link extends IssuedLink, Holder extends User>(
  request: LinkRequest,
  kind: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<LinkDetails> {
  const { user, tenant, link, version } = await verifyLink(request, kind, deps);
  const now = deps.now();
  const holder = kind.assertUsable(user, link, version, now);
  // Nobody is asked for a password that would not be taken.
  await kind.buildChanges(holder, tenant, now);
  const words = collectPersonalWords(user, tenant).filter((word) => word !== undefined);
  return { user, tenant, expiresAt: kind.getExpiresAt(holder, link), personalWords: words };
}

/** Sets the password by a link, once. Throws what looking at it throws, and `password_rejected`. */
export async function redeemLink<Link extends IssuedLink, Holder extends User>(
  password: string,
  request: LinkRequest,
  kind: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<RedeemedLink> {
  const { user, tenant, link, version } = await verifyLink(request, kind, deps);
  const call: RequestContext = {
    principal: {
      // Whoever has the link is the person that it was sent to.
      issuer: `${kind.issuer}:${link.id}`,
      subject: formatId(deps.idPrefix, 'user', toHex(user.userId)),
      subjectIsUser: true,
      tenantId: tenant.tenantId,
      systemAdministrator: false,
      roles: [],
      permissions: [],
    },
    tenant,
    dialect: request.dialect,
    requestId: request.requestId,
    deadline: request.deadline,
    decisions: [],
  };
  const change = async (now: User) => {
    const time = deps.now();
    const fields = await kind.buildChanges(
      kind.assertUsable(now, link, version, time),
      tenant,
      time,
    );
    const passwordHash = await hashNewPassword({ password, user: now, tenant }, deps);
    // Hashing takes its time.
    kind.assertUsable(now, link, version, deps.now());
    return { fields, passwordHash };
  };
  const changed = await changeUser(
    { action: kind.action, ref: { userId: user.userId }, self: true, byLink: true, change },
    call,
    deps,
  );
  return { user: changed, tenant };
}

export const linkNotFound = (): Failure => new Failure('not_found', 'This link is not valid');

/** In place of the address of a user that there is not. */
const placeholderEmail = 'nobody@example.com';

/** Whatever is not genuine takes the same steps as what is, and gets one answer: nothing tells what of it is wrong. */
async function verifyLink<Link extends IssuedLink, Holder extends User>(
  { token, tenantHint: named }: LinkRequest,
  { kind, findIssuedLink: sentTo }: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<{
  readonly user: User;
  readonly tenant: TenantWithRoles;
  readonly link: Link;
  readonly version: number;
}> {
  const parsedToken = parseLinkToken(token);
  if (!parsedToken) throw linkNotFound();
  const { tenantId, userId, version, mac } = parsedToken;
  const [tenant, found] = await Promise.all([
    deps.tenants.find(tenantId),
    deps.users.get(tenantId, { userId }, false),
  ]);
  // A deleted user is nobody.
  const user = found?.status === 'deleted' ? undefined : found;
  const email = user?.email ?? placeholderEmail;
  const link = await sentTo(user, { tenantId, email });
  const message = buildLinkMessage(kind, { tenantId, userId, id: link?.id ?? '', email, version });
  const isGenuine = await deps.links.verify(link?.keyId ?? deps.linkKeyId, message, mac);
  const isNamed =
    (named.slug ?? tenant?.slug) === tenant?.slug && (named.tenantId ?? tenantId) === tenantId;
  if (!isGenuine || !isNamed || !tenant || !user || !link) throw linkNotFound();
  // The result is permanent, so tenant and roles are read strongly, after the link is verified: a forged one must cost no such read.
  const current = await deps.tenants.findCurrent(tenantId);
  if (!current) throw linkNotFound();
  if (current.status !== 'active')
    throw new Failure('tenant_suspended', 'This tenant is suspended');
  return { user, tenant: current, link, version };
}
