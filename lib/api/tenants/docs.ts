import {
  exampleCreatedTime,
  exampleEmail,
  exampleTenantId,
  exampleUpdatedTime,
  exampleUserId,
  versionErrors,
} from '../doc-parts.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import { cradlTenant } from './cradl.ts';
import { credibleTenant, projectList } from './credible.ts';
import { jitsudoTenant } from './jitsudo.ts';
import { nativeTenant, transferOwnershipInput } from './native.ts';
import type { ListedTenantCodec, TenantCodec, TenantOperation } from './tenant-codec.ts';

interface Dialect {
  readonly codec: TenantCodec & Partial<ListedTenantCodec>;
  /** Request body of a create. */
  readonly create: object;
  readonly tenant: object;
  /** Fields that every update changes. */
  readonly change: object;
  readonly update: object;
}

const origin = 'https://acme.example.com';
const update = { name: 'Acme Ltd' };
const otherUserId = 'cradl:user:89abcdef01234567a123456789abcdef';

const native: Dialect = {
  codec: nativeTenant,
  create: { slug: 'acme', name: 'Acme', origin, ownerEmail: exampleEmail },
  tenant: {
    tenantId: exampleTenantId,
    slug: 'acme',
    name: 'Acme',
    description: null,
    origin,
    uniqueness: 'tenant',
    status: 'active',
    deletion: null,
    erasure: null,
    locale: 'en',
    ownerUserId: exampleUserId,
    administratorsSetPasswords: false,
    requireOwnPassword: false,
    signInEvents: 'all',
    invitationDays: null,
    passwordMinLength: null,
    branding: null,
    defaultRoleId: null,
    acceptUrl: null,
    resetUrl: null,
    confirmUrl: null,
    verifyUrl: null,
    sender: null,
    version: 1,
    createdTime: exampleCreatedTime,
    createdBy: 'system',
    updatedTime: null,
    updatedBy: null,
  },
  change: { version: 2, updatedTime: exampleUpdatedTime, updatedBy: 'admin' },
  update,
};

const cradl: Dialect = {
  codec: cradlTenant,
  create: { name: 'Acme' },
  tenant: {
    organizationId: cradlTenant.pathParameter.example,
    name: 'Acme',
    description: null,
    paymentMethodId: null,
    planId: null,
    createdTime: exampleCreatedTime,
    createdBy: 'system',
    updatedTime: null,
    updatedBy: null,
  },
  change: { updatedTime: exampleUpdatedTime, updatedBy: 'admin' },
  update,
};

const jitsudo: Dialect = {
  codec: jitsudoTenant,
  create: { name: 'Acme', slug: 'acme', owner_email: exampleEmail, locale: 'en' },
  tenant: {
    id: exampleTenantId,
    name: 'Acme',
    slug: 'acme',
    locale: 'en',
    is_master: false,
    owner_email: exampleEmail,
    owner_user_id: '01234567-89ab-4def-8123-456789abcdef',
    sso_start_url: null,
    sso_region: null,
    created_at: exampleCreatedTime,
    updated_at: exampleCreatedTime,
  },
  change: { updated_at: exampleUpdatedTime },
  update,
};

const credible: Dialect = {
  codec: credibleTenant,
  create: { name: 'acme', displayName: 'Acme' },
  tenant: {
    name: 'acme',
    displayName: 'Acme',
    permission: 'admin',
    createdAt: exampleCreatedTime,
    updatedAt: exampleCreatedTime,
  },
  change: { updatedAt: exampleUpdatedTime },
  update: { displayName: 'Acme Ltd' },
};

const dialects = { native, cradl, jitsudo, credible };

const describe =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: keyof typeof dialects): OperationContent => ({
    parameter: dialects[name].codec.pathParameter,
    hasEtag: name === 'native',
    ...content(dialects[name]),
  });

const describeChange = (responseDescription: string, changes: object = {}) =>
  describe(({ codec, tenant, change }) => ({
    response: { schema: codec.response(), example: { ...tenant, ...change, ...changes } },
    responseDescription,
    acceptsIfMatch: true,
  }));

const tenantNotFound = {
  text: 'the tenant does not exist or is not the tenant of the caller',
  example: new Failure('not_found', 'The tenant does not exist'),
};
const readErrors = { not_found: tenantNotFound };
const writeErrors = { ...versionErrors('tenant'), ...readErrors };
const cannotChangeActive = (participle: string): Failure =>
  new Failure('invalid_transition', `An active tenant cannot be ${participle}`, {
    details: { status: 'active', allowed: ['suspend', 'delete'] },
  });
const notDeleted = (participle: string) => ({
  text: 'the tenant is not deleted (`details.status`)',
  example: cannotChangeActive(participle),
});
const otherOrganization =
  'Other names are 403 `tenant_mismatch`, or 404 for a system administrator if they are unknown.';
const ownerIneligible = { owner_ineligible: {} };

/** OpenAPI texts of tenants. */
export const tenantDoc: ResourceDoc<TenantOperation> = {
  name: 'Tenants',
  description: 'Customers of the deployment, each with its own users, roles and app clients.',
  dialectNames: { cradl: 'Organizations', credible: 'Organizations' },
  operations: {
    createTenant: {
      summary: 'Create a tenant',
      description:
        'Creates a tenant together with its owner, who is invited by email as an administrator. The slug is the label of the tenant in host names and is never reused: 409. Requires a system administrator, who does not have to name a tenant.',
      dialectNotes: {
        cradl:
          'The organization has no owner: a system administrator creates its users. The slug derives from the name, with 4 random characters. Links in emails lead to `https://<slug>.<suffix>`; if the deployment has no hosts for tenants, the response is 422.',
        credible:
          'The name is the slug, in lower case. The organization has no owner: a system administrator creates its users. Their emails and usernames are unique across the system. It has the role `modeler` in addition to the built-in ones. Links in emails lead to `https://<name>.<suffix>`; if the deployment has no hosts for tenants, the response is 422.',
        jitsudo:
          'Links in emails lead to `https://<slug>.<suffix>`. `origin` is required if the deployment has no hosts for tenants.',
      },
      errors: {
        ...readErrors,
        slug_taken: {},
        user_exists: {
          text: 'another user of a `system` tenant has the email of the owner',
          example: new Failure('user_exists', 'A user with this email already exists', {
            details: { field: 'ownerEmail' },
          }),
        },
      },
      content: describe(({ codec, create, tenant }) => ({
        request: { schema: codec.createInput(), example: create },
        response: { schema: codec.response(), example: tenant },
        responseDescription: 'The created tenant.',
        ...(codec.getLocation && { location: `/v1/tenants/${exampleTenantId}` }),
        ...(codec.mapCreateError && { errors: { origin_required: {} } }),
      })),
    },
    listTenants: {
      summary: 'List tenants',
      description:
        'Returns tenants in the order of their slugs, one page at a time. The cursor of a page requests the next one; the last page has none.',
      dialectNotes: {
        native:
          'Requires a system administrator. Deleted tenants are listed with `status=deleted` only.',
        cradl:
          'Returns the organization of the request, or all organizations to a system administrator who names none. Requires the permission `tenant:read`.',
        jitsudo:
          'Returns all tenants to a system administrator, and their own to other callers with the permission `tenant:read`.',
      },
      errors: readErrors,
      content: describe(({ codec: { list = nativeTenant.list }, tenant }) => ({
        query: list.query(),
        response: { schema: list.response(), example: list.toResponse([tenant], undefined) },
        responseDescription: 'A page of tenants.',
        hasEtag: false,
      })),
    },
    getTenant: {
      summary: 'Get a tenant',
      description:
        'Returns the current tenant. Requires the permission `tenant:read` in the tenant, or a system administrator. Other tenants are 404.',
      errors: readErrors,
      content: describe(({ codec, tenant }) => ({
        response: { schema: codec.response(), example: tenant },
        responseDescription: 'The tenant.',
      })),
    },
    getOrganization: {
      summary: 'Get an organization',
      description: `Returns the current organization and the level of the caller. Every caller in the organization can read it. ${otherOrganization}`,
      errors: readErrors,
      content: describe(({ codec, tenant }) => ({
        response: { schema: codec.response(), example: tenant },
        responseDescription: 'The organization.',
      })),
    },
    listProjects: {
      summary: 'List projects',
      description: `Returns an empty list, because Roster has no projects. Every caller in the organization can read it. The Terraform provider of Credible reads projects, or environments in newer versions, before it removes an organization from its state. ${otherOrganization}`,
      errors: readErrors,
      content: describe(() => ({
        response: { schema: projectList(), example: [] },
        responseDescription: 'An empty list.',
      })),
    },
    updateTenant: {
      summary: 'Update a tenant',
      description:
        'Changes only the fields in the body, within 30 seconds. Requires the permission `tenant:update`.',
      dialectNotes: {
        native:
          'A role that is set as `defaultRoleId` applies to users who are created at least 30 seconds later. `origin`, `acceptUrl`, `resetUrl`, `confirmUrl`, `verifyUrl`, `sender` and `status` require a system administrator. `administratorsSetPasswords` and `requireOwnPassword` require the owner or a system administrator.',
        jitsudo:
          '`owner_user_id` transfers the ownership to another active administrator of the tenant; it requires the owner or a system administrator. A user of another tenant is 404.',
        credible: `An empty body changes nothing. ${otherOrganization}`,
      },
      errors: writeErrors,
      content: (name) =>
        describe(({ codec, tenant, change, update: changes }) => ({
          request: { schema: codec.updateInput(), example: changes },
          response: { schema: codec.response(), example: { ...tenant, ...change, ...changes } },
          responseDescription: 'The updated tenant.',
          acceptsIfMatch: true,
          ...(name === 'jitsudo' && { errors: ownerIneligible }),
        }))(name),
    },
    suspendTenant: {
      summary: 'Suspend a tenant',
      description:
        'Rejects all calls in the tenant with 403, within 30 seconds. System administrators can still read, update and resume it. Requires a system administrator. A tenant that is already suspended is 409.',
      errors: {
        ...writeErrors,
        invalid_transition: {
          text: 'the tenant is suspended or deleted (`details.status`)',
          example: new Failure('invalid_transition', 'A suspended tenant cannot be suspended', {
            details: { status: 'suspended', allowed: ['resume', 'delete'] },
          }),
        },
      },
      content: describeChange('The suspended tenant.', { status: 'suspended' }),
    },
    resumeTenant: {
      summary: 'Resume a tenant',
      description:
        'Ends the suspension of a tenant within 30 seconds. Requires a system administrator. A tenant that is not suspended is 409.',
      errors: {
        ...writeErrors,
        invalid_transition: {
          text: 'the tenant is active or deleted (`details.status`)',
          example: cannotChangeActive('resumed'),
        },
      },
      content: describeChange('The active tenant.'),
    },
    deleteTenant: {
      summary: 'Delete a tenant',
      description:
        'Deletes a tenant. Within 30 seconds, all requests, sign-ins, links and emails of the tenant stop, as if it did not exist. The slug stays reserved. The tenant can be restored for 30 days, unless the deployment has another setting. Afterwards all its data is erased. Requires a system administrator of another tenant or without one.',
      errors: {
        ...writeErrors,
        invalid_transition: {
          text: 'the tenant is already deleted (`details.status`)',
          example: new Failure('invalid_transition', 'A deleted tenant cannot be deleted', {
            details: { status: 'deleted', allowed: ['restore', 'erase'] },
          }),
        },
        self_protected: {
          text: 'the caller belongs to the tenant',
          example: new Failure('self_protected', 'Callers cannot delete their own tenant'),
        },
      },
      content: describe(() => ({
        responseDescription: 'No content.',
        acceptsIfMatch: true,
        hasEtag: false,
      })),
    },
    restoreTenant: {
      summary: 'Restore a tenant',
      description:
        'Restores a deleted tenant with all its data, to the status before the deletion. Requires a system administrator.',
      errors: {
        ...writeErrors,
        invalid_transition: notDeleted('restored'),
        restore_expired: { text: 'the tenant can no longer be restored' },
      },
      content: describeChange('The restored tenant.'),
    },
    eraseTenant: {
      summary: 'Erase a tenant',
      description:
        'Erases a deleted tenant without waiting. It can no longer be restored. Users, groups, roles, app clients, domains and their history are removed in the background; `erasure` of the tenant shows the progress. The tenant ID, the slug and the record of the erasure remain. A repeated request has no effect. Requires a system administrator.',
      errors: { ...writeErrors, invalid_transition: notDeleted('erased') },
      content: describeChange('The tenant, with the scheduled erasure.', {
        status: 'deleted',
        deletion: {
          deletedTime: exampleUpdatedTime,
          deletedBy: 'admin',
          eraseAfterTime: exampleUpdatedTime,
        },
        erasure: {
          status: 'scheduled',
          requestedBy: 'admin',
          erasedUsers: 0,
          startedTime: null,
          finishedTime: null,
        },
      }),
    },
    transferOwnership: {
      summary: 'Transfer the ownership',
      description: `Makes another user the owner of the tenant. Requires the owner or a system administrator. The previous owner keeps their roles. The owner cannot be suspended or deleted and keeps their permissions.

The new owner must be active, have the role \`admin\`, an email that they verified themselves, a password or an identity, and no credential that another user set. Otherwise the response is 409 \`owner_ineligible\` with \`details.reason\`.`,
      errors: {
        ...writeErrors,
        not_found: {
          ...tenantNotFound,
          text: 'the tenant does not exist or is not the tenant of the caller, or the user does not exist in it',
        },
        ...ownerIneligible,
      },
      content: describe(({ codec, tenant, change }) => ({
        request: { schema: transferOwnershipInput(), example: { userId: otherUserId } },
        response: {
          schema: codec.response(),
          example: { ...tenant, ...change, ownerUserId: otherUserId },
        },
        responseDescription: 'The tenant with the new owner.',
        acceptsIfMatch: true,
      })),
    },
  },
};
