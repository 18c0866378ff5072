import * as z from 'zod';
import { levels, modelerRole } from '../../domain/roles/level.ts';
import { tenantSlugPattern } from '../../domain/tenants/slug.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { requestBody } from '../request-body.ts';
import { tenantName, toOriginRequired } from './fields.ts';
import type { TenantCodec } from './tenant-codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      name: z.string().meta({ description: 'Slug of the tenant.' }),
      displayName: z.string(),
      permission: z.enum(levels).nullable().meta({
        description:
          'Level of the caller: `admin`, `modeler` or `member` for the roles `admin`, `modeler` and `user`, the highest one. Null for a caller with none of these roles, and for a system administrator of another tenant.',
      }),
      createdAt: time(),
      updatedAt: time(),
    })
    .meta({ id: 'CredibleOrganization' }),
);

/** Credible also allows upper case, which becomes lower case, and underscores. */
const organizationName = () =>
  z
    .string()
    .max(63, { abort: true })
    .toLowerCase()
    .regex(
      tenantSlugPattern,
      'must be 1 to 63 letters, digits and inner hyphens, without underscores',
    )
    .meta({
      description:
        'Name of the organization and slug of the tenant, in lower case. Unique and never reused.',
      examples: ['acme'],
    });

/** Tenants as organizations of Credible, `/organizations` (docs.credibledata.com, admin API). */
export const credibleTenant: TenantCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: organizationName(),
        displayName: tenantName()
          .optional()
          .meta({ description: 'Display name, also used in emails. Default: the name.' }),
      },
      'CredibleOrganizationCreate',
    ).transform(({ name, displayName }) => ({
      slug: name,
      name: displayName,
      uniqueness: 'system' as const,
      locale: 'en',
      roles: [modelerRole],
    })),
  ),
  mapCreateError: toOriginRequired,

  // Empty for a change of settings that only the Terraform provider knows.
  updateInput: buildOnce(() =>
    z
      .strictObject({ displayName: tenantName().optional() })
      .meta({ id: 'CredibleOrganizationChange' })
      .transform(({ displayName }) => ({ name: displayName })),
  ),

  response,
  pathParameter: {
    name: 'organization',
    description: 'Name of the organization, which is the slug of the tenant.',
    example: 'acme',
  },
  includesOwner: false,

  toResponse: (tenant, { callerLevel }) => ({
    body: {
      name: tenant.slug,
      displayName: tenant.name,
      permission: callerLevel ?? null,
      createdAt: tenant.createdAt,
      updatedAt: tenant.updatedAt ?? tenant.createdAt,
    },
  }),
};

/** Projects of an organization. Always empty, because Roster has no projects. */
export const projectList = responseSchema(() =>
  z.array(z.never()).max(0).meta({ id: 'CredibleProjectList' }),
);
