import * as z from 'zod';
import type { User } from '../../domain/users/user.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import { formatId, idPatterns, type IdPrefix, toHex } from '../../domain/kernel/ids.ts';
import { membershipStatuses } from '../../domain/groups/group.ts';
import type {
  CreationRecord,
  RecordedSignIn,
  UserMembership,
} from '../../domain/users/user-store.ts';
import type { LogEntry } from '../../domain/connections/connection-log.ts';
import { entryResponse, toLogResponse } from '../connections/log-entry.ts';
import { type ListCodec, nativeList } from '../lists.ts';
import { invitationResponse } from '../invitations/native.ts';
import { nativeUser, userResponse } from '../users/native.ts';
import type { UserCodec } from '../users/user-codec.ts';
import { levels } from '../../domain/roles/level.ts';
import { responseSchema } from '../codec.ts';

const auditFields = () => ({
  requestId: z.string(),
  issuer: z.string().meta({ description: 'Issuer of the token of the caller.' }),
  policies: z.array(z.string()).meta({ description: 'IDs of the policies that allowed the call.' }),
});

const credentialLimit = () =>
  z.strictObject({
    permissions: z
      .string()
      .meta({ description: 'Permissions of the setter, separated by spaces.' }),
    setBy: z.string(),
    setAt: z.iso.datetime(),
  });

const changeResponse = responseSchema(() =>
  z
    .strictObject({
      version: z.int(),
      action: z.string(),
      time: z.iso.datetime(),
      by: z.string(),
      ...auditFields(),
      before: z.record(z.string(), z.unknown()).meta({
        description:
          'Changed fields with their previous values, null for none. Secrets and avatars are listed without values. `metadata`, `profileMetadata` and `tutorialStatus` contain only the changed members, as a merge patch that restores them (RFC 7396).',
      }),
      omitted: z
        .record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string() }))
        .optional()
        .meta({
          description:
            'Changed fields whose previous values are too long for a record: size and SHA-256 (hex) of their JSON with sorted names.',
        }),
      after: z.record(z.string(), z.unknown()).optional().meta({
        description:
          'New limits of credentials, and `emailVerifiedBy` after a verification of the email, if they changed.',
      }),
    })
    .meta({ id: 'UserChangeRecord' }),
);

const signInResponse = responseSchema(() =>
  z
    .strictObject({
      time: z.iso.datetime(),
      method: z.literal('password').meta({ description: 'Credential of the sign-in.' }),
      ipAddress: z.string().meta({ description: 'IP address of the client.' }),
      userAgent: z
        .string()
        .nullable()
        .meta({ description: 'First 256 characters of the `User-Agent` header.' }),
    })
    .meta({ id: 'UserSignIn' }),
);

export const changeList = nativeList({
  itemsLabel: 'changes',
  field: 'changes',
  item: changeResponse,
  id: 'UserChangeRecordList',
});

const exportedGroup = () =>
  z.strictObject({
    groupId: z.string().regex(idPatterns.group),
    name: z.string().nullable(),
    status: z.enum(membershipStatuses),
    joinedTime: z.iso.datetime(),
    addedBy: z.string(),
  });

/** All data about a user except secrets, with a page of the changes. */
export const exportResponse = responseSchema(() =>
  z
    .strictObject({
      user: userResponse(),
      creation: z.strictObject({
        time: z.iso.datetime().meta({ description: 'Time of the request.' }),
        ...auditFields(),
      }),
      emailVerifiedBy: z
        .enum(['holder', 'administrator'])
        .nullable()
        .meta({ description: 'Principal that verified the email.' }),
      credentialLimits: z
        .partialRecord(z.enum(['password', 'email', 'identity']), credentialLimit())
        .meta({ description: 'Limits of credentials that another user set.' }),
      groups: z
        .array(exportedGroup())
        .meta({ description: 'Groups that the user is a direct member of, deleted or not.' }),
      accessRequest: z
        .strictObject({
          level: z.enum(levels).meta({ description: 'Requested level.' }),
          message: z
            .string()
            .nullable()
            .meta({ description: 'Message to the owner of the tenant.' }),
          requestedTime: z.iso.datetime().meta({ description: 'Time of the request.' }),
        })
        .nullable()
        .meta({ description: 'Pending request for a level. Null for none.' }),
      scim: z
        .strictObject({
          externalId: z
            .string()
            .nullable()
            .meta({ description: 'ID of the user in the identity provider.' }),
          attributes: z
            .record(z.string(), z.unknown())
            .nullable()
            .meta({ description: 'Attributes that the user has no field for.' }),
        })
        .nullable()
        .meta({ description: 'Data from a SCIM connection. Null for none.' }),
      invitation: invitationResponse()
        .nullable()
        .meta({ description: 'Null if the user was never invited.' }),
      changes: z
        .array(changeResponse())
        .meta({ description: 'A page of the changes, oldest first.' }),
      signIns: z.array(signInResponse()).meta({
        description: 'Sign-ins of the last 90 days, oldest first, after the last change.',
      }),
      scimRequests: z.array(entryResponse()).meta({
        description:
          'Requests of SCIM connections that changed the user, oldest first, after the last sign-in.',
      }),
      nextToken: z
        .string()
        .nullable()
        .meta({ description: 'Cursor of the next page; null on the last page.' }),
    })
    .meta({ id: 'UserExport' }),
);

/** Parts of an export that each page repeats. */
interface ExportedUser {
  readonly user: User;
  /** The user as its codec renders it. */
  readonly userBody: unknown;
  readonly invitationBody: unknown;
  readonly creation: CreationRecord;
  readonly memberships: readonly UserMembership[];
  readonly idPrefix: IdPrefix;
}

export interface ExportCodec {
  readonly list: ListCodec;
  readonly user: UserCodec;
  toChangeResponse(change: ChangeRecord): object;
  toSignInResponse(signIn: RecordedSignIn): object;
  toScimRequestResponse(entry: LogEntry, idPrefix: IdPrefix): object;
  /** Adds the user to each page of changes and sign-ins. */
  withUser(history: ExportedUser): Pick<ListCodec, 'toResponse'>;
}

const toChangeResponse = ({
  version,
  action,
  at,
  by,
  issuer,
  requestId,
  policies,
  before,
  omitted,
  after,
}: ChangeRecord) =>
  ({
    version,
    action,
    time: at,
    by,
    issuer,
    requestId,
    policies: [...policies],
    before: { ...before },
    omitted,
    after: after && { ...after },
  }) satisfies z.input<ReturnType<typeof changeResponse>>;

const toSignInResponse = ({ at, method, ipAddress, userAgent }: RecordedSignIn) =>
  ({ time: at, method, ipAddress, userAgent: userAgent ?? null }) satisfies z.input<
    ReturnType<typeof signInResponse>
  >;

/** Entry of a page. */
type ExportedEntry =
  | { readonly change: object }
  | { readonly signIn: object }
  | { readonly scimRequest: object };

const toAccessRequestResponse = ({ accessRequest: request }: User) =>
  request
    ? {
        level: request.level,
        message: request.message ?? null,
        requestedTime: request.requestedAt,
      }
    : null;

const toScimResponse = ({ managedBy, scimAttributes }: User) =>
  managedBy || scimAttributes
    ? {
        externalId: managedBy?.externalId ?? null,
        attributes: scimAttributes === undefined ? null : JSON.parse(scimAttributes),
      }
    : null;

export const nativeExport: ExportCodec = {
  list: changeList,
  user: nativeUser,
  toChangeResponse,
  toSignInResponse,
  toScimRequestResponse: toLogResponse,
  withUser: ({
    user,
    userBody,
    invitationBody,
    creation: { requestedAt, requestId, issuer, policies },
    memberships,
    idPrefix,
  }) => ({
    toResponse: (entries, next) => ({
      user: userBody,
      creation: { time: requestedAt ?? user.createdAt, requestId, issuer, policies },
      emailVerifiedBy: user.emailVerifiedBy ?? null,
      credentialLimits: user.credentialLimits ?? {},
      groups: memberships.map(({ groupId, name, status, joinedAt, addedBy }) => ({
        groupId: formatId(idPrefix, 'group', toHex(groupId)),
        name: name ?? null,
        status,
        joinedTime: joinedAt,
        addedBy,
      })),
      accessRequest: toAccessRequestResponse(user),
      scim: toScimResponse(user),
      invitation: invitationBody,
      signIns: (entries as readonly ExportedEntry[]).flatMap((entry) =>
        'signIn' in entry ? entry.signIn : [],
      ),
      scimRequests: (entries as readonly ExportedEntry[]).flatMap((entry) =>
        'scimRequest' in entry ? entry.scimRequest : [],
      ),
      ...changeList.toResponse(
        (entries as readonly ExportedEntry[]).flatMap((entry) =>
          'change' in entry ? entry.change : [],
        ),
        next,
      ),
    }),
  }),
};
