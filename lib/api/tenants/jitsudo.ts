import * as z from 'zod';
import { jitsudoList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { origin, ownerEmail, ownerName, slug, tenantLocale, tenantName } from './fields.ts';
import type { ListedTenantCodec } from './tenant-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();
/** Roster does not support sign-in through AWS IAM Identity Center. */
const unsupportedSso = () =>
  z.null().optional().meta({ description: 'Not supported: omit it or send null.' });
const sso = () => ({ sso_start_url: unsupportedSso(), sso_region: unsupportedSso() });

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.guid(),
      name: z.string(),
      slug: z.string(),
      locale: z.string(),
      is_master: z.boolean().meta({ description: 'Always false: Roster has no master tenant.' }),
      owner_email: z.string().nullable(),
      owner_user_id: z.guid().nullable(),
      sso_start_url: z.null(),
      sso_region: z.null(),
      created_at: time(),
      updated_at: time(),
    })
    .meta({ id: 'JitsudoTenant' }),
);

/**
 * Tenants of JITSudo, `/v1/tenants` (jitsudo-docs, operations listTenants, createTenant and
 * updateTenant).
 */
export const jitsudoTenant: ListedTenantCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: tenantName(),
        slug: slug(),
        owner_email: ownerEmail(),
        owner_name: ownerName().optional(),
        locale: tenantLocale().default('en'),
        origin: origin().optional().meta({
          description:
            'Origin of all links in emails, an addition of Roster. Default: `https://<slug>.<suffix>`; required if the deployment has no hosts for tenants.',
        }),
        ...sso(),
      },
      'JitsudoTenantCreate',
    ).transform((body) => ({
      name: body.name,
      slug: body.slug,
      locale: body.locale,
      origin: body.origin,
      uniqueness: 'tenant' as const,
      ownerEmail: body.owner_email,
      ownerName: body.owner_name,
    })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: tenantName().optional(),
        locale: tenantLocale().optional(),
        owner_user_id: z.guid('must be a user ID').optional().meta({
          description:
            'ID of the new owner, an administrator of the tenant. The current owner is accepted without effect.',
        }),
        ...sso(),
      },
      'JitsudoTenantChange',
    ).transform(({ name, locale, owner_user_id }) => ({
      name,
      locale,
      ownerUserId: owner_user_id?.toLowerCase(),
    })),
  ),

  list: {
    ...jitsudoList({ itemsLabel: 'tenants', item: response, id: 'JitsudoTenantList' }),
    scope: 'all-or-own',
  },

  response,
  pathParameter: {
    name: 'tenantId',
    description: 'ID of the tenant.',
    example: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
  },
  includesOwner: true,

  toResponse: (tenant, context) => ({
    body: {
      id: tenant.tenantId,
      name: tenant.name,
      slug: tenant.slug,
      locale: tenant.locale,
      is_master: false,
      owner_email: context.ownerEmail ?? null,
      owner_user_id: tenant.ownerUserId ?? null,
      sso_start_url: null,
      sso_region: null,
      created_at: tenant.createdAt,
      updated_at: tenant.updatedAt ?? tenant.createdAt,
    },
  }),
};
