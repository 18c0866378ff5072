import * as z from 'zod';
import {
  inactiveReasons,
  type PermissionSource,
  type Session,
  type SourcedPermission,
} from '../../domain/self/get-session.ts';
import type { Principal } from '../../domain/access/principal.ts';
import type { RequestContext } from '../../domain/access/request-context.ts';
import { formatId, type IdPrefix, idPatterns, toHex } from '../../domain/kernel/ids.ts';
import type { EpochMs, Timestamp } from '../../domain/kernel/time.ts';
import { formatDisplayName } from '../../domain/users/user.ts';
import { type LazySchema, type Reply, responseSchema } from '../codec.ts';
import type { DialectsServing } from '../routes.ts';

interface SessionSettings {
  readonly idPrefix: IdPrefix;
  readonly ownIssuer: { readonly issuer: string };
}

/** The session of the caller in one dialect. */
interface SessionCodec {
  readonly response: LazySchema;
  toResponse(session: Session, context: RequestContext, settings: SessionSettings): Reply;
}

const time = () => z.iso.datetime();

const sourcedPermission = () => ({
  permission: z.string().meta({ description: 'Name of the permission.' }),
  sources: z
    .array(
      z.strictObject({
        roleId: z.string().regex(idPatterns.role),
        groupId: z.string().regex(idPatterns.group).nullable().meta({
          description: 'Group with the role. Null for a role that the caller has directly.',
        }),
      }),
    )
    .min(1)
    .meta({ description: 'Roles that give the permission.' }),
});

const response = responseSchema(() =>
  z
    .strictObject({
      principal: z
        .strictObject({
          type: z.enum(['user', 'appClient', 'external']).meta({
            description:
              '`user` and `appClient` for credentials of Roster, `external` for a token of another issuer.',
          }),
          issuer: z.string().meta({ description: '`iss` of the token.' }),
          subject: z.string().meta({ description: '`sub` of the token.' }),
          userId: z
            .string()
            .regex(idPatterns.user)
            .nullable()
            .meta({ description: 'ID of the own account. Null without one.' }),
          appClientId: z.string().regex(idPatterns['app-client']).nullable(),
          email: z.string().nullable(),
          name: z.string().nullable(),
        })
        .meta({ description: 'The caller.' }),
      tenant: z
        .strictObject({ tenantId: z.guid(), slug: z.string(), name: z.string() })
        .meta({ description: 'Tenant of the request.' }),
      systemAdministrator: z.boolean().meta({
        description: 'True if the caller may act in every tenant, regardless of `permissions`.',
      }),
      mustChangePassword: z.boolean().meta({
        description: 'True if no role is active until the user changes the password.',
      }),
      roleIds: z
        .array(z.string().regex(idPatterns.role))
        .meta({ description: 'Active roles, directly and through groups.' }),
      groupIds: z
        .array(z.string().regex(idPatterns.group))
        .meta({ description: 'Groups of the caller, also through other groups.' }),
      permissions: z
        .array(z.strictObject(sourcedPermission()))
        .meta({ description: 'Permissions that the caller holds now.' }),
      inactivePermissions: z
        .array(
          z.strictObject({
            ...sourcedPermission(),
            reason: z
              .enum(inactiveReasons)
              .meta({ description: 'Rule that makes the permission inactive.' }),
          }),
        )
        .meta({
          description:
            'Assigned permissions that the caller does not hold now. `must_change_password`: the user must change the password. `credential_limit`: the user who set the password or created the secret did not hold the permission.',
        }),
      authenticatedTime: time()
        .nullable()
        .meta({ description: 'Time of the sign-in (`auth_time`). Null if unknown.' }),
      expiresTime: time()
        .nullable()
        .meta({ description: 'Expiration of the token or API key. Null if it does not expire.' }),
    })
    .meta({ id: 'Session' }),
);

/** Formats a time. Null for a claim outside of the range of dates. */
function toTimestamp(timeMs: EpochMs | undefined): Timestamp | null {
  const date = new Date(timeMs ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function getType({ appClient, issuer }: Principal, { ownIssuer }: SessionSettings) {
  if (appClient) return 'appClient';
  return issuer === ownIssuer.issuer ? 'user' : 'external';
}

const nativeSession: SessionCodec = {
  response,
  toResponse: (session, { principal, tenant }, settings) => {
    const { idPrefix } = settings;
    const { user } = session;
    const { appClient, authTime } = principal;
    const toRoleId = (slug: string) => formatId(idPrefix, 'role', slug);
    const toGroupId = (groupId: string) => formatId(idPrefix, 'group', toHex(groupId));
    const toSource = ({ role, groupId }: PermissionSource) => ({
      roleId: toRoleId(role),
      groupId: groupId === undefined ? null : toGroupId(groupId),
    });
    const toPermission = ({ permission, sources }: SourcedPermission) => ({
      permission,
      sources: sources.map(toSource),
    });
    return {
      body: {
        principal: {
          type: getType(principal, settings),
          issuer: principal.issuer,
          subject: principal.subject,
          userId: user ? formatId(idPrefix, 'user', toHex(user.userId)) : null,
          appClientId: appClient ? formatId(idPrefix, 'app-client', appClient.appClientId) : null,
          email: user?.email ?? null,
          name: user ? (user.name ?? formatDisplayName(user)) : null,
        },
        tenant: { tenantId: tenant.tenantId, slug: tenant.slug, name: tenant.name },
        systemAdministrator: principal.systemAdministrator,
        mustChangePassword: principal.mustChangePassword === true,
        roleIds: session.roles.map(toRoleId),
        groupIds: session.groups.map(toGroupId),
        permissions: session.permissions.map(toPermission),
        inactivePermissions: session.inactivePermissions.map(({ reason, ...each }) => ({
          ...toPermission(each),
          reason,
        })),
        authenticatedTime: toTimestamp(authTime === undefined ? undefined : authTime * 1000),
        expiresTime: toTimestamp(principal.expiresAtMs),
      },
    };
  },
};

/** Codecs of every dialect that routes.ts lists for the session. */
export const sessionCodecs = {
  native: nativeSession,
} satisfies Record<DialectsServing<'getSession'>, SessionCodec>;
