import * as z from 'zod';
import { toHex, formatId, idPatterns } from '../../domain/kernel/ids.ts';
import { anyEmail, internationalEmail } from '../email-address.ts';
import { managedBy, toManagedBy } from './fields/managed-by.ts';
import { separateCurrentValues } from './fields/current-names.ts';
import { anyUserName, userName } from './fields/user-name.ts';
import {
  appClientId,
  description,
  longName,
  newUserRoleIds,
  password,
  roleIds,
  shortName,
} from '../fields.ts';
import {
  authProvider,
  avatar,
  exactText,
  externalId,
  locale,
  metadata,
  pastTime,
  phoneNumber,
  picture,
  profileMetadata,
  timeZone,
  tutorialStatus,
  tutorialStatusUpdate,
} from './fields/user-fields.ts';
import { formatDisplayName, getDeletionTime } from '../../domain/users/user.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { passwordHash } from './fields/password-hash.ts';
import { byUserId, type UserCodec } from './user-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const identity = () =>
  requestBody({ issuer: exactText(512), subject: exactText(256) }).meta({
    description:
      'Identity at another issuer that signs in as this user: the `iss` and `sub` of its tokens.',
  });

export const userResponse = responseSchema(() =>
  z
    .strictObject({
      userId: z.string().regex(idPatterns.user),
      profileId: z.string().regex(idPatterns.profile),
      tenantId: z.guid(),
      email: z.string().nullable().meta({
        description: 'Email. Null for a user whom a SCIM connection created without one.',
      }),
      emailVerified: z.boolean(),
      pendingEmail: z.string().nullable(),
      userName: z.string().nullable(),
      externalId: z.string().nullable(),
      managedBy: managedBy(),
      name: z
        .string()
        .nullable()
        .meta({ description: 'Display name. Default: first and last name.' }),
      description: z.string().nullable(),
      firstName: z.string().nullable(),
      lastName: z.string().nullable(),
      businessRole: z.string().nullable(),
      phoneNumber: z.string().nullable(),
      locale: z.string().nullable(),
      timeZone: z.string().nullable(),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      authProvider: z.enum(['local', 'oidc', 'saml']),
      status: z.enum(['invite_pending', 'active', 'inactive', 'deleted']),
      isOwner: z.boolean().meta({ description: 'True if the user owns the tenant.' }),
      mustChangePassword: z.boolean().meta({
        description:
          'True if an administrator set the password. Roles are inactive until the user changes it.',
      }),
      inactivePermissions: z.array(z.string()).meta({
        description:
          'Permissions of the assigned roles that the password does not carry, because the user who set it did not hold them. A password reset by email activates them.',
      }),
      metadata: z.record(z.string(), z.unknown()),
      profileMetadata: z.record(z.string(), z.unknown()).nullable(),
      tutorialStatus: z.record(z.string(), z.unknown()).nullable(),
      appClientId: z.string().regex(idPatterns['app-client']).nullable(),
      identity: z.strictObject({ issuer: z.string(), subject: z.string() }).nullable(),
      avatar: z.string().nullable(),
      picture: z.string().nullable(),
      version: z.int().meta({ description: 'Version of the user, starting at 1.' }),
      lastSignInTime: time().nullable().optional().meta({
        description:
          'Latest sign-in with a password of Roster, accurate to a minute. Null before the first. Lists omit it.',
      }),
      createdTime: time(),
      createdBy: z.string().meta({ description: '`sub` of the token that created the user.' }),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
      deletedTime: time().nullable().meta({
        description: 'Time of the deletion. Null unless the user is deleted.',
      }),
    })
    .meta({ id: 'User' }),
);

/** Users of the native API: all fields of the other dialects. */
export const nativeUser: UserCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        email: internationalEmail(),
        emailVerified: z.boolean().optional().meta({
          description:
            'Marks the email as verified. Requires the permission `users:verify`. Default: false.',
        }),
        userName: userName().optional(),
        externalId: externalId().optional(),
        name: longName().optional(),
        description: description().optional(),
        firstName: shortName().optional(),
        lastName: shortName().optional(),
        businessRole: shortName().optional(),
        phoneNumber: phoneNumber().optional(),
        locale: locale().optional(),
        timeZone: timeZone().optional(),
        password: password().optional().meta({
          description: 'For local users only. A local user without a password gets an invitation.',
        }),
        passwordHash: passwordHash().optional(),
        acceptWeakPasswordHash: z.boolean().optional().meta({
          description:
            'Accepts a `passwordHash` that is weaker than OWASP recommends. Default: false.',
        }),
        sendInvitation: z.boolean().optional().meta({
          description:
            'If false, a local user without a password is created as `invite_pending` without an invitation, and no email limit applies. `POST /v1/users/{userId}/invitation/resend` invites the user later. Default: true.',
        }),
        mustChangePassword: z.boolean().optional().meta({
          description:
            'If true, the user has no roles until they change the given password. Default: false.',
        }),
        status: z.enum(['active', 'inactive']).optional().meta({
          description:
            'Status of a user from another system, who gets no invitation. An active local user without a password sets one by a password reset. Default: `active`, or `invite_pending` for a local user without a password.',
        }),
        createdTime: pastTime().optional(),
        authProvider: authProvider(),
        roleIds: newUserRoleIds(),
        metadata: metadata().optional(),
        profileMetadata: profileMetadata().optional(),
        tutorialStatus: tutorialStatus().optional(),
        appClientId: appClientId().optional(),
        identity: identity().optional(),
        avatar: avatar().optional(),
        picture: picture().optional(),
      },
      'UserCreate',
    )
      .check(
        z.refine((body) => body.authProvider === 'local' || body.password === undefined, {
          path: ['password'],
          error: 'cannot be set for oidc and saml users',
        }),
        z.refine((body) => body.authProvider === 'local' || body.passwordHash === undefined, {
          path: ['passwordHash'],
          error: 'cannot be set for oidc and saml users',
        }),
        z.refine((body) => body.password === undefined || body.passwordHash === undefined, {
          path: ['passwordHash'],
          error: 'cannot be combined with password',
        }),
        z.refine(
          (body) =>
            !body.sendInvitation ||
            (body.authProvider === 'local' &&
              (body.password ?? body.passwordHash ?? body.status) === undefined),
          {
            path: ['sendInvitation'],
            error:
              'cannot be set for users who are not invited: users with a password or a status, oidc and saml users',
          },
        ),
        z.refine(
          (body) => body.acceptWeakPasswordHash === undefined || body.passwordHash !== undefined,
          {
            path: ['acceptWeakPasswordHash'],
            error: 'cannot be set without passwordHash',
          },
        ),
        z.refine(
          (body) => !body.mustChangePassword || (body.password ?? body.passwordHash) !== undefined,
          {
            path: ['mustChangePassword'],
            error: 'cannot be set without password or passwordHash',
          },
        ),
      )
      .transform(({ roleIds: roles, createdTime: createdAt, ...rest }) => ({
        ...rest,
        createdAt,
        roles,
      })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        // Accepts values of any dialect, because clients send responses back.
        email: anyEmail().nullable().optional().meta({
          description: 'Email. Null is accepted for a user without an email, and changes nothing.',
        }),
        emailVerified: z.boolean().optional().meta({
          description:
            'Marks the email, or the new one in the same request, as verified or unverified. A change requires the permission `users:verify`.',
        }),
        userName: anyUserName().nullable().optional(),
        externalId: externalId().nullable().optional(),
        name: longName().nullable().optional(),
        description: description().nullable().optional(),
        firstName: shortName().nullable().optional(),
        lastName: shortName().nullable().optional(),
        businessRole: shortName().nullable().optional(),
        phoneNumber: phoneNumber().nullable().optional(),
        locale: locale().nullable().optional(),
        timeZone: timeZone().nullable().optional(),
        roleIds: roleIds()
          .optional()
          .meta({ description: 'IDs of all roles. A change requires `If-Match`.' }),
        metadata: metadata().nullable().optional(),
        profileMetadata: profileMetadata().nullable().optional(),
        tutorialStatus: tutorialStatusUpdate().nullable().optional(),
        appClientId: appClientId().nullable().optional(),
        identity: identity().nullable().optional(),
        avatar: avatar().nullable().optional(),
        picture: picture().nullable().optional(),
      },
      'UserChange',
    ).transform(({ roleIds: roles, ...rest }) => ({ ...separateCurrentValues(rest), roles })),
  ),
  requiresIfMatchForRoles: true,

  response: userResponse,

  ...byUserId,
  includesAvatar: true,
  includesSignIn: true,

  toResponse: (
    user,
    { idPrefix, isOwner, mustChangePassword, inactivePermissions, pendingEmail, lastSignInAt },
  ) => ({
    headers: { etag: `"${user.version}"` },
    body: {
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      profileId: formatId(idPrefix, 'profile', toHex(user.profileId)),
      tenantId: user.tenantId,
      email: user.email ?? null,
      emailVerified: user.emailVerified,
      pendingEmail: pendingEmail ?? null,
      userName: user.userName ?? null,
      externalId: user.externalId ?? null,
      managedBy: toManagedBy(isOwner ? undefined : user.managedBy, idPrefix),
      name: user.name ?? formatDisplayName(user),
      description: user.description ?? null,
      firstName: user.firstName ?? null,
      lastName: user.lastName ?? null,
      businessRole: user.businessRole ?? null,
      phoneNumber: user.phoneNumber ?? null,
      locale: user.locale ?? null,
      timeZone: user.timeZone ?? null,
      roleIds: user.roles.map((slug) => formatId(idPrefix, 'role', slug)),
      authProvider: user.authProvider,
      status: user.status,
      isOwner,
      mustChangePassword,
      inactivePermissions,
      metadata: user.metadata ?? {},
      profileMetadata: user.profileMetadata ?? null,
      tutorialStatus: user.tutorialStatus ?? null,
      appClientId:
        user.appClientId === undefined ? null : formatId(idPrefix, 'app-client', user.appClientId),
      identity: user.identity ?? null,
      avatar: user.avatar ?? null,
      picture: user.picture ?? null,
      version: user.version,
      ...(lastSignInAt !== undefined && { lastSignInTime: lastSignInAt }),
      createdTime: user.createdAt,
      createdBy: user.createdBy,
      updatedTime: user.updatedAt ?? null,
      updatedBy: user.updatedBy ?? null,
      deletedTime: getDeletionTime(user) ?? null,
    },
  }),
  getLocation: (user, { idPrefix }) =>
    `/v1/users/${formatId(idPrefix, 'user', toHex(user.userId))}`,
};
