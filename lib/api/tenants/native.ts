import * as z from 'zod';
import { toHex, formatId, idPatterns, parseUserId } from '../../domain/kernel/ids.ts';
import { nativeList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import {
  acceptUrl,
  administratorsSetPasswords,
  confirmUrl,
  invitationDays,
  origin,
  ownerEmail,
  ownerName,
  passwordMinLength,
  requireOwnPassword,
  resetUrl,
  sender,
  slug,
  tenantDescription,
  tenantLocale,
  tenantName,
} from './fields.ts';
import type { ListedTenantCodec } from './tenant-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      tenantId: z.guid(),
      slug: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      origin: z.string(),
      uniqueness: z.enum(['tenant', 'system']),
      status: z.enum(['active', 'suspended']),
      locale: z.string(),
      ownerUserId: z.string().regex(idPatterns.user).nullable(),
      administratorsSetPasswords: z.boolean(),
      requireOwnPassword: z.boolean(),
      invitationDays: z.int().nullable(),
      passwordMinLength: z.int().nullable(),
      acceptUrl: z.string().nullable(),
      resetUrl: z.string().nullable(),
      confirmUrl: z.string().nullable(),
      sender: z.string().nullable(),
      version: z.int().meta({ description: 'Version of the tenant, starting at 1.' }),
      createdTime: time(),
      createdBy: z.string().meta({ description: '`sub` of the token that created the tenant.' }),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'Tenant' }),
);

export const nativeTenant: ListedTenantCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        slug: slug(),
        name: tenantName(),
        description: tenantDescription().optional(),
        origin: origin().optional().meta({
          description:
            'Origin of all links in emails. Default: `https://<slug>.<suffix>`; required if the deployment has no hosts for tenants.',
        }),
        uniqueness: z.enum(['tenant', 'system']).default('tenant').meta({
          description:
            'Scope in which emails and usernames are unique: the tenant, or all `system` tenants. It cannot be changed. Default: `tenant`.',
        }),
        locale: tenantLocale().default('en'),
        ownerEmail: ownerEmail(),
        ownerName: ownerName().optional(),
        acceptUrl: acceptUrl().optional(),
        resetUrl: resetUrl().optional(),
        confirmUrl: confirmUrl().optional(),
        sender: sender().optional(),
        invitationDays: invitationDays().optional(),
        passwordMinLength: passwordMinLength().optional(),
        administratorsSetPasswords: administratorsSetPasswords().optional(),
        requireOwnPassword: requireOwnPassword().optional(),
      },
      'TenantCreate',
    ),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: tenantName().optional(),
        description: tenantDescription().nullable().optional(),
        locale: tenantLocale().optional(),
        invitationDays: invitationDays().nullable().optional(),
        passwordMinLength: passwordMinLength().nullable().optional(),
        administratorsSetPasswords: administratorsSetPasswords().optional(),
        requireOwnPassword: requireOwnPassword().optional(),
        origin: origin().optional(),
        acceptUrl: acceptUrl().nullable().optional(),
        resetUrl: resetUrl().nullable().optional(),
        confirmUrl: confirmUrl().nullable().optional(),
        sender: sender().nullable().optional(),
        status: z.enum(['active', 'suspended']).optional(),
      },
      'TenantChange',
    ),
  ),

  list: {
    ...nativeList({ itemsLabel: 'tenants', field: 'tenants', item: response, id: 'TenantList' }),
    scope: 'all',
  },

  response,
  pathParameter: {
    name: 'tenantId',
    description: 'ID of the tenant.',
    example: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
  },
  includesOwner: false,

  toResponse: (tenant, { idPrefix }) => ({
    headers: { etag: `"${tenant.version}"` },
    body: {
      tenantId: tenant.tenantId,
      slug: tenant.slug,
      name: tenant.name,
      description: tenant.description ?? null,
      origin: tenant.origin,
      uniqueness: tenant.uniqueness,
      status: tenant.status,
      locale: tenant.locale,
      ownerUserId:
        tenant.ownerUserId === undefined
          ? null
          : formatId(idPrefix, 'user', toHex(tenant.ownerUserId)),
      administratorsSetPasswords: tenant.administratorsSetPasswords === true,
      requireOwnPassword: tenant.requireOwnPassword === true,
      invitationDays: tenant.invitationDays ?? null,
      passwordMinLength: tenant.passwordMinLength ?? null,
      acceptUrl: tenant.acceptUrl ?? null,
      resetUrl: tenant.resetUrl ?? null,
      confirmUrl: tenant.confirmUrl ?? null,
      sender: tenant.sender ?? null,
      version: tenant.version,
      createdTime: tenant.createdAt,
      createdBy: tenant.createdBy,
      updatedTime: tenant.updatedAt ?? null,
      updatedBy: tenant.updatedBy ?? null,
    },
  }),
  getLocation: ({ tenantId }) => `/v1/tenants/${tenantId}`,
};

export const transferOwnershipInput = buildOnce(() =>
  requestBody(
    {
      userId: z
        .string()
        .max(64, { abort: true })
        .regex(
          idPatterns.user,
          'must be a user ID such as cradl:user:0123456789abcdef0123456789abcdef',
        ),
    },
    'OwnershipTransfer',
  ).transform(({ userId }) => ({ userId: parseUserId(userId) })),
);
