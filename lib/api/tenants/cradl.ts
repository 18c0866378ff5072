import * as z from 'zod';
import { toHex, formatId, cradlIdPatterns } from '../../domain/kernel/ids.ts';
import { cradlList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';
import { tenantDescription, tenantName, toOriginRequired } from './fields.ts';
import type { ListedTenantCodec } from './tenant-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();
/** Roster has no payment or plans. */
const unsupportedField = () =>
  z.null().optional().meta({ description: 'Not supported: omit it or send null.' });

const response = responseSchema(() =>
  z
    .strictObject({
      organizationId: z.string().regex(cradlIdPatterns.organization),
      name: z.string(),
      description: z.string().nullable(),
      paymentMethodId: z.null(),
      planId: z.null(),
      createdTime: time(),
      createdBy: z.string(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'CradlOrganization' }),
);

/**
 * Tenants as organizations of Cradl, `/organizations` (docs.cradl.ai,
 * api-reference/get-organizations, and the specification of 2024). Quota fields such as
 * `numberOfUsersAllowed` are omitted, because Roster has no quotas.
 */
export const cradlTenant: ListedTenantCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: tenantName()
          .optional()
          .meta({ description: 'Display name, also used in emails. Default: the slug.' }),
      },
      'CradlOrganizationCreate',
    ).transform(({ name }) => ({ name, uniqueness: 'tenant' as const, locale: 'en' })),
  ),
  mapCreateError: toOriginRequired,

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: tenantName().optional(),
        description: tenantDescription().nullable().optional(),
        paymentMethodId: unsupportedField(),
        planId: unsupportedField(),
      },
      'CradlOrganizationChange',
    ).transform(({ name, description }) => ({ name, description })),
  ),

  list: {
    ...cradlList({
      itemsLabel: 'organizations',
      field: 'organizations',
      item: response,
      id: 'CradlOrganizationList',
    }),
    scope: 'own',
  },

  response,
  pathParameter: {
    name: 'organizationId',
    description: 'ID of the organization, with the tenant ID in hexadecimal digits.',
    example: 'cradl:organization:2489e9ad2ee28e008ec932d5f69181c0',
  },
  includesOwner: false,

  toResponse: (tenant, { idPrefix }) => ({
    body: {
      organizationId: formatId(idPrefix, 'organization', toHex(tenant.tenantId)),
      name: tenant.name,
      description: tenant.description ?? null,
      paymentMethodId: null,
      planId: null,
      createdTime: tenant.createdAt,
      createdBy: tenant.createdBy,
      updatedTime: tenant.updatedAt ?? null,
      updatedBy: tenant.updatedBy ?? null,
    },
  }),
};
