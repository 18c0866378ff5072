import type { FailureWords, OperationWords } from '../../../infra/build/openapi/operations.ts';

/** What the document says of tenants. */
export const tenantWords = {
  createTenant: {
    summary: 'Create a tenant',
    description:
      'Creates a tenant and its owner, both or neither: the owner is invited by mail, as an administrator. The slug is the label of the tenant in host names; what a tenant has, or had, no other gets: 409, as is the address of an owner that is taken among all `system` tenants. It takes a system administrator.',
    remarks: {
      jitsudo:
        'Links in its mails lead to its own host, `https://<slug>.<suffix>`; where the deployment has none, `origin` has to say where.',
    },
    failures: {
      user_exists: 'the address of the owner is taken among all `system` tenants',
    },
  },
  listTenants: {
    summary: 'List tenants',
    description:
      'Tenants in the order of their slugs, a page at a time: the cursor of one page asks for the next, and the last has none.',
    remarks: {
      native: 'It takes a system administrator.',
      cradl: 'These are the organizations that the caller belongs to: the one of the call.',
      jitsudo:
        'A system administrator sees all of them, everybody else with the permission `tenant:read` their own.',
    },
  },
  getTenant: {
    summary: 'Get a tenant',
    description:
      'The tenant as it was last written. It takes the permission `tenant:read` in it, or a system administrator. Any other tenant than the own is not found, as one that there is not.',
  },
  updateTenant: {
    summary: 'Change a tenant',
    description:
      'Changes what the body names, and nothing else. It takes the permission `tenant:update`. A change takes effect within 30 seconds.',
    remarks: {
      native:
        '`origin`, `acceptUrl`, `resetUrl`, `confirmUrl`, `sender` and `status` can only be changed by a system administrator.',
      jitsudo:
        'With `owner_user_id` the ownership moves, to another active administrator of the tenant: only its owner can do that, or a system administrator. A user whom the tenant does not have is a 404.',
    },
  },
  suspendTenant: {
    summary: 'Suspend a tenant',
    description:
      'Within 30 seconds every call in the tenant is refused, whoever makes it: 403. Only a system administrator can still read, change and resume it. It takes a system administrator; a tenant that is suspended already answers 409.',
    failures: { invalid_transition: 'the tenant is already suspended (`details.status`)' },
  },
  resumeTenant: {
    summary: 'Resume a suspended tenant',
    description:
      'Within 30 seconds the tenant is served again, as it was. It takes a system administrator; a tenant that is not suspended answers 409.',
    failures: { invalid_transition: 'the tenant is already active (`details.status`)' },
  },
  transferOwnership: {
    summary: 'Make another user the owner of a tenant',
    description:
      'The owner of a tenant can be neither suspended nor deleted, and keeps their rights. Only the owner and system administrators transfer the ownership. The new owner must be active, have the role `admin`, an email that they verified themselves, a password or an identity, and no credential that another user set; else the answer is 409 `owner_ineligible` with `details.reason`. The previous owner keeps their roles.',
    failures: {
      not_found: 'there is no such tenant, or it is not that of the caller; or no such user in it',
    },
  },
} satisfies OperationWords;

/** What failures mean of tenants. */
export const failuresOfTenants: FailureWords = {
  not_found: 'there is no such tenant, or it is not that of the caller',
  precondition_failed:
    'the tenant has another version than those in `If-Match`: read it again (`details.version`)',
};
