import { exampleEmail, exampleUserId } from '../doc-parts.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { ErrorDocs, Media, OperationContent, ResourceDoc } from '../operation-doc.ts';
import type { CodecDialect } from '../routes.ts';
import { cradlUser } from './cradl.ts';
import { approveCredentialsInput } from './credential-approval.ts';
import { credibleTenant } from '../tenants/credible.ts';
import { credibleOrganizationUser, credibleUser } from './credible.ts';
import { erasureList } from './erasure.ts';
import { erasureExample, examples, exportExample, type UserExamples } from './examples.ts';
import { changeList, exportResponse } from '../user-exports/native.ts';
import { jitsudoUser } from './jitsudo.ts';
import { nativeUser } from './native.ts';
import { rolePathParameter } from '../roles/role-codec.ts';
import { userListCodecs } from './lists/codecs.ts';
import { setActiveInput } from './set-active.ts';
import type { UserOperation, UserCodec } from './user-codec.ts';

interface Dialect {
  readonly codec: UserCodec;
  readonly example: UserExamples;
  readonly createErrors: ErrorDocs;
  readonly updateErrors: ErrorDocs;
}

const roleErrors = { invalid_roles: {}, owner_protected: {} };
const credentialErrors = { user_exists: {}, insufficient_user_authentication: {} };

const dialects: Readonly<Record<CodecDialect, Dialect>> = {
  native: {
    codec: nativeUser,
    example: examples.native,
    createErrors: { invalid_roles: {}, invalid_app_client: {}, password_rejected: {} },
    updateErrors: {
      ...roleErrors,
      ...credentialErrors,
      invalid_app_client: {},
      precondition_required: {},
    },
  },
  cradl: {
    codec: cradlUser,
    example: examples.cradl,
    createErrors: { invalid_roles: {}, invalid_app_client: {} },
    updateErrors: roleErrors,
  },
  jitsudo: {
    codec: jitsudoUser,
    example: examples.jitsudo,
    createErrors: { invalid_roles: {}, password_rejected: {} },
    updateErrors: roleErrors,
  },
  credible: {
    codec: credibleUser,
    example: examples.credible,
    createErrors: { password_rejected: {} },
    updateErrors: { ...credentialErrors, password_rejected: {} },
  },
};

const describe =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: CodecDialect): OperationContent => ({
    parameter: dialects[name].codec.pathParameter,
    hasEtag: name === 'native',
    ...content(dialects[name]),
  });

const buildUpdated = ({ codec, example }: Dialect, changes: object = {}): Media => ({
  schema: codec.response(),
  example: { ...example.user, ...example.change, ...changes },
});

const describeChange = (responseDescription: string) =>
  describe((dialect) => ({
    response: buildUpdated(dialect),
    responseDescription,
    acceptsIfMatch: true,
  }));

const roleNotFound = {
  not_found: {
    text: 'the user or the role does not exist in this tenant',
    example: new Failure('not_found', 'The role does not exist in this tenant'),
  },
};

const erasureErrors = { invalid_transition: {}, owner_protected: {}, self_protected: {} };
const removalErrors = { ...erasureErrors, managed_by_connection: {} };
const ownerAndCaller = 'Returns 409 for the tenant owner and for the caller.';

/** OpenAPI texts of users. */
export const userDoc: ResourceDoc<UserOperation | 'exportUser' | 'listErasures'> = {
  name: 'Users',
  description: 'Accounts of a tenant, from creation to erasure.',
  operations: {
    createUser: {
      summary: 'Create a user',
      description: `Creates a user in the tenant of the caller and claims the email and username. If several requests use the same email, exactly one succeeds and the others get 409.

A local user without a password gets an invitation by email to choose one, and is \`invite_pending\` until then. Requires the permission \`users:create\`. You can assign only roles whose permissions you hold, including the default role of the tenant.`,
      dialectNotes: {
        native:
          'With `sendInvitation: false`, no invitation is sent until `POST /v1/users/{userId}/invitation/resend`, and no email limit applies. With `status`, the user is never invited. `emailVerified: true` also requires the permission `users:verify`.',
        cradl:
          'If the address belongs to a user whose invitation has expired, invites that user again and returns the user unchanged, with status 200. Assigning roles also requires the permission `roles:delegate`.',
        credible: 'Requires a system administrator.',
      },
      errors: {
        user_exists: {},
        too_many_requests: {
          limits: {
            tenant_mails:
              'invitation emails of the tenant in an hour; users with a password, a password hash or `sendInvitation: false` can still be created',
          },
        },
      },
      content: describe(({ codec, example, createErrors }) => ({
        request: { schema: codec.createInput(), example: example.draft },
        response: { schema: codec.response(), example: example.user },
        responseDescription: 'The created user.',
        acceptsIdempotencyKey: true,
        errors: createErrors,
        ...(codec.getLocation && { location: `/v1/users/${exampleUserId}` }),
      })),
    },
    getOrganizationUser: {
      summary: 'Look up a user',
      description:
        'Returns the username and email of a user of the organization. Every caller in the organization can look up its users. Unknown and deleted users, and users of other organizations, are 404.',
      content: describe(({ codec }) => ({
        parameter: credibleTenant.pathParameter,
        childParameter: codec.pathParameter,
        response: {
          schema: credibleOrganizationUser.response(),
          example: { userName: codec.pathParameter.example, email: exampleEmail },
        },
        responseDescription: 'The user.',
      })),
    },
    listUsers: {
      summary: 'List users',
      description: `Returns the users of the tenant in the order of their emails, one page at a time. The cursor of a page requests the next one. It is valid for 30 days, for the same tenant and the same filters. A page can be short or empty and still have a cursor; the last page has none. Requires the permission \`users:read\`.

Each page is strongly consistent. A user whose email does not change while you page is on exactly one page. A page consumes at most 300 read units: about 280 users, or fewer if they are large. Avatars, pictures and profile metadata are omitted.`,
      dialectNotes: {
        native:
          'A user must match all filters. `email`, `userName`, `externalId`, the identity and `emailPrefix` read only matching users; the other filters read all users of a page. Sorting by time is 400 if more than 1,000 users match or 2,000 users are read. A count is exact up to 10,000 users; with a filter, it reads at most 7,500 read units. Deleted users can be restored until `restoreDays` after `deletedTime`. A filter that no user can match is 400. Encode `+` as `%2B`, because `+` in a query means a space.',
        credible: 'An addition of Roster: the API of Credible has no list.',
      },
      content: (name) => {
        const list = userListCodecs[name];
        const users = [dialects[name].example.user];
        return {
          query: list.query(),
          response: { schema: list.response(), example: list.toResponse(users, undefined) },
          responseDescription: 'A page of users.',
        };
      },
    },
    getUser: {
      summary: 'Get a user',
      description:
        'Returns the current user. A new user can be read immediately. Requires the permission `users:read`.',
      dialectNotes: { credible: 'Users can read their own accounts without it.' },
      content: describe(({ codec, example }) => ({
        response: { schema: codec.response(), example: example.user },
        responseDescription: 'The user.',
      })),
    },
    updateUser: {
      summary: 'Update a user',
      description: `Changes only the fields in the body. Null or blank text removes a value. A new email or username is claimed and the previous one released in the same transaction.

Requires the permission \`users:update\`. You can update a user only if you hold all of their permissions, and assign only roles whose permissions you hold. The owner of the tenant must keep their permissions. An invited user whose email changes gets a new invitation, and earlier links stop working. Other users are notified at their previous address of a new password, and of a new email if they sign in here.`,
      dialectNotes: {
        native:
          'Merges objects such as `metadata` (RFC 7396). A change of `roleIds` requires `If-Match`: 428 without it. A new email resets `emailVerified` to false. A change of `emailVerified` requires the permission `users:verify`. The user is also notified of a new `identity`.',
        cradl:
          'Replaces `metadata`. Assigning roles also requires the permission `roles:delegate`.',
        credible:
          'Merges `tutorialStatus` (RFC 7396). Users can update their own accounts. Changing your own email, username or password requires a sign-in within the last 5 minutes. A user who signs in by an `identity` that another user set can change none of them. The password of another user can be set by a system administrator, or by an administrator if the owner of the tenant allows it; its roles are inactive until the user changes it.',
      },
      content: describe((dialect) => ({
        request: { schema: dialect.codec.updateInput(), example: dialect.example.patch },
        response: buildUpdated(dialect, dialect.example.patch),
        responseDescription: 'The updated user.',
        acceptsIfMatch: true,
        errors: { managed_by_connection: {}, ...dialect.updateErrors },
      })),
    },
    assignUserRole: {
      summary: 'Add a role to a user',
      description:
        'Adds one role and keeps the others. A role that the user has changes nothing. Concurrent requests for different roles all take effect. Requires the permission `users:update`, all permissions of the user, and those of the role. A user can have 100 roles.',
      errors: roleNotFound,
      content: describe((dialect) => ({
        childParameter: rolePathParameter,
        response: buildUpdated(dialect, {
          roleIds: ['cradl:role:user', rolePathParameter.example],
        }),
        responseDescription: 'The user with the role.',
        acceptsIfMatch: true,
      })),
    },
    removeUserRole: {
      summary: 'Remove a role from a user',
      description:
        'Removes one role and keeps the others. A role that the user does not have changes nothing. Requires the permission `users:update` and all permissions of the user. The owner of the tenant must keep their permissions.',
      errors: { ...roleNotFound, owner_protected: {} },
      content: describe((dialect) => ({
        childParameter: rolePathParameter,
        response: buildUpdated(dialect, { roleIds: [] }),
        responseDescription: 'The user without the role.',
        acceptsIfMatch: true,
      })),
    },
    approveCredentials: {
      summary: 'Approve limited credentials',
      description:
        'Replaces the limits of an email or identity that another user set with the permissions of the caller. A system administrator removes the limits. Requires the permission `users:update` and all permissions of the roles of the user. A password cannot be approved: the account holder resets it by email. Credentials of the tenant owner can be approved only by the owner or a system administrator.',
      errors: { insufficient_user_authentication: {} },
      content: describe((dialect) => ({
        request: { schema: approveCredentialsInput(), example: { email: true } },
        response: buildUpdated(dialect),
        responseDescription: 'The updated user.',
        acceptsIfMatch: true,
      })),
    },
    suspendUser: {
      summary: 'Suspend a user',
      description: `Makes an active or invited user \`inactive\` and ends their tokens within 30 seconds. The link of an invitation is rejected until the user is reactivated. Requires the permission \`users:update\`. ${ownerAndCaller}`,
      errors: removalErrors,
      content: describe((dialect) => ({
        response: buildUpdated(dialect, dialect.example.inactive),
        responseDescription: 'The suspended user.',
        acceptsIfMatch: true,
      })),
    },
    reactivateUser: {
      summary: 'Reactivate a user',
      description:
        'Makes a suspended user active again, or `invite_pending` if the user was invited before. Requires the permission `users:update`. A user who is not suspended is 409.',
      errors: {
        invalid_transition: {
          example: new Failure('invalid_transition', 'An active user cannot be reactivated', {
            details: { status: 'active', allowed: ['suspend', 'delete'] },
          }),
        },
        managed_by_connection: {},
      },
      content: describeChange('The reactivated user.'),
    },
    setUserActive: {
      summary: 'Suspend or reactivate a user',
      description: `Suspends an active or invited user with \`active: false\` and reactivates a suspended user with \`active: true\`. Other transitions are 409. Requires the permission \`users:update\`. ${ownerAndCaller}`,
      errors: removalErrors,
      content: describe((dialect) => ({
        request: { schema: setActiveInput(), example: { active: false } },
        response: buildUpdated(dialect, dialect.example.inactive),
        responseDescription: 'The updated user.',
        acceptsIfMatch: true,
      })),
    },
    signOutUser: {
      summary: 'Sign a user out everywhere',
      description:
        'Ends all access tokens that Roster issued to the user: at once for changes, and within 30 seconds for reads. The user can sign in again. Tokens of other issuers remain valid until they expire. Requires the permission `users:update` and all permissions of the user.',
      content: describe(() => ({ responseDescription: 'No content.', hasEtag: false })),
    },
    deleteUser: {
      summary: 'Delete a user',
      description: `Deletes the user and releases the email and username. Afterwards, only restore, erase and export find the user. The user can be restored for 30 days, or as configured; the data remains until it is erased. Requires the permission \`users:delete\`. ${ownerAndCaller}`,
      dialectNotes: {
        cradl: 'Returns the deleted user.',
        credible: 'Requires a system administrator.',
      },
      errors: removalErrors,
      content: describe((dialect) => ({
        response: buildUpdated(dialect, dialect.example.inactive),
        responseDescription: 'The deleted user.',
        acceptsIfMatch: true,
      })),
    },
    restoreUser: {
      summary: 'Restore a deleted user',
      description:
        'Restores a deleted user with the previous status and claims the email and username again. Requires the permission `users:delete`. Returns 409 if another user has one of them, or if the restore period has ended.',
      errors: {
        invalid_transition: {
          example: new Failure('invalid_transition', 'An active user cannot be restored', {
            details: { status: 'active', allowed: ['suspend', 'delete'] },
          }),
        },
        restore_expired: {},
        user_exists: {},
      },
      content: describeChange('The restored user.'),
    },
    eraseUser: {
      summary: 'Erase a user',
      description: `Permanently removes the user, deleted before or not, with the avatar, password, invitation, values in change records and responses stored for \`Idempotency-Key\`. The change records expire after 7 days. A record with the IDs of the user and the caller remains (\`GET /v1/erasures\`). Releases the email and username. Requires the permission \`users:erase\`. ${ownerAndCaller}

A request that failed with 500 or 503 may have removed part of the data: send it again. Such a 503 has \`details.erasure\` with the value \`incomplete\`, and \`details.removedItems\` counts the removed items. An erased user is 404.`,
      dialectNotes: {
        jitsudo:
          'Deleting in this API erases the user. It requires `users:erase`; `users:delete` is not enough.',
      },
      errors: {
        ...erasureErrors,
        unavailable: {
          text: 'a dependency is not reachable, or only part of the data was erased. Retry after `Retry-After` seconds',
          example: new Failure(
            'unavailable',
            'The user is deleted, but some of their data is not erased yet. Repeat the request to erase the rest.',
            { details: { erasure: 'incomplete', removedItems: 25 } },
          ),
        },
      },
      content: describe(() => ({
        responseDescription: 'No content.',
        acceptsIfMatch: true,
        hasEtag: false,
      })),
    },
    listErasures: {
      summary: 'List erasures',
      description:
        'Returns who erased which user and when, latest first. The records contain only IDs and are stored permanently. Requires the permission `users:erase`.',
      content: () => ({
        query: erasureList.query(),
        response: {
          schema: erasureList.response(),
          example: erasureList.toResponse([erasureExample], undefined),
        },
        responseDescription: 'A page of erasures.',
      }),
    },
    exportUser: {
      summary: 'Export a user',
      description:
        'Returns all data about a user, deleted or not, except secrets: the user, the creation, the groups, the pending request for a level, the invitation with its email delivery, and the change records with caller, time, request, policies and previous values. Changes come in pages, each with the user; `nextToken` requests the next page, and the last page has none. Requires the permission `users:update` and all permissions of the user.',
      content: describe(() => ({
        query: changeList.query(),
        response: { schema: exportResponse(), example: exportExample },
        responseDescription: 'The user with a page of the changes.',
        hasEtag: false,
      })),
    },
  },
};
