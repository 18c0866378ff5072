import * as z from 'zod';
import { toHex, formatId, idPatterns, parseUserId } from '../../domain/kernel/ids.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { brandingInput } from '../branding/fields.ts';
import { brandingResponse, toBrandingResponse } from '../branding/responses.ts';
import { nativeList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import {
  acceptUrl,
  administratorsSetPasswords,
  confirmUrl,
  defaultRoleId,
  invitationDays,
  origin,
  ownerEmail,
  ownerName,
  passwordMinLength,
  requireOwnPassword,
  resetUrl,
  sender,
  signInEvents,
  slug,
  tenantDescription,
  tenantLocale,
  tenantName,
  verifyUrl,
} from './fields.ts';
import type { ListedTenantCodec } from './tenant-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const deletion = () =>
  z
    .strictObject({
      deletedTime: time(),
      deletedBy: z.string().meta({ description: '`sub` of the token that deleted the tenant.' }),
      eraseAfterTime: time().meta({
        description: 'Time after which the tenant is erased and can no longer be restored.',
      }),
    })
    .meta({ description: 'Deletion of the tenant. Null unless the tenant is deleted.' });

const erasure = () =>
  z
    .strictObject({
      status: z.enum(['scheduled', 'running', 'done']),
      requestedBy: z.string().nullable().meta({
        description: '`sub` of the token that erased the tenant. Null without a request.',
      }),
      erasedUsers: z.int().meta({ description: 'Number of users erased so far.' }),
      startedTime: time().nullable(),
      finishedTime: time().nullable(),
    })
    .meta({ description: 'Progress of the erasure. Null unless the tenant is deleted.' });

function toDeletionBody({ deletion: stored, erasure: progress }: Tenant) {
  if (!stored) return { deletion: null, erasure: null };
  const status = progress ? 'running' : 'scheduled';
  return {
    deletion: {
      deletedTime: stored.at,
      deletedBy: stored.by,
      eraseAfterTime: stored.eraseAfter,
    },
    erasure: {
      status: progress?.finishedAt === undefined ? status : 'done',
      requestedBy: stored.erasedBy ?? null,
      erasedUsers: progress?.erasedUsers ?? 0,
      startedTime: progress?.startedAt ?? null,
      finishedTime: progress?.finishedAt ?? null,
    },
  };
}

const response = responseSchema(() =>
  z
    .strictObject({
      tenantId: z.guid(),
      slug: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      origin: z.string().nullable().meta({
        description: 'Origin of all links in emails. Null for an erased tenant.',
      }),
      uniqueness: z.enum(['tenant', 'system']),
      status: z.enum(['active', 'suspended', 'deleted']),
      deletion: deletion().nullable(),
      erasure: erasure().nullable(),
      locale: z.string(),
      ownerUserId: z.string().regex(idPatterns.user).nullable(),
      administratorsSetPasswords: z.boolean(),
      requireOwnPassword: z.boolean(),
      signInEvents: signInEvents(),
      invitationDays: z.int().nullable(),
      passwordMinLength: z.int().nullable(),
      branding: brandingResponse().nullable(),
      defaultRoleId: z.string().regex(idPatterns.role).nullable(),
      acceptUrl: z.string().nullable(),
      resetUrl: z.string().nullable(),
      confirmUrl: z.string().nullable(),
      verifyUrl: z.string().nullable(),
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
        verifyUrl: verifyUrl().optional(),
        sender: sender().optional(),
        invitationDays: invitationDays().optional(),
        passwordMinLength: passwordMinLength().optional(),
        branding: brandingInput().optional(),
        administratorsSetPasswords: administratorsSetPasswords().optional(),
        requireOwnPassword: requireOwnPassword().optional(),
        signInEvents: signInEvents().optional(),
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
        branding: brandingInput().nullable().optional(),
        defaultRoleId: defaultRoleId().nullable().optional(),
        administratorsSetPasswords: administratorsSetPasswords().optional(),
        requireOwnPassword: requireOwnPassword().optional(),
        signInEvents: signInEvents().optional(),
        origin: origin().optional(),
        acceptUrl: acceptUrl().nullable().optional(),
        resetUrl: resetUrl().nullable().optional(),
        confirmUrl: confirmUrl().nullable().optional(),
        verifyUrl: verifyUrl().nullable().optional(),
        sender: sender().nullable().optional(),
        status: z.enum(['active', 'suspended']).optional(),
      },
      'TenantChange',
    ).transform(({ defaultRoleId: defaultRole, ...rest }) => ({ ...rest, defaultRole })),
  ),

  list: {
    ...nativeList(
      { itemsLabel: 'tenants', field: 'tenants', item: response, id: 'TenantList' },
      () => ({
        status: z.enum(['deleted']).optional().meta({
          description: '`deleted` for deleted tenants only. Default: all others.',
        }),
      }),
    ),
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
      origin: tenant.erasure?.finishedAt === undefined ? tenant.origin : null,
      uniqueness: tenant.uniqueness,
      status: tenant.status,
      ...toDeletionBody(tenant),
      locale: tenant.locale,
      ownerUserId:
        tenant.ownerUserId === undefined
          ? null
          : formatId(idPrefix, 'user', toHex(tenant.ownerUserId)),
      administratorsSetPasswords: tenant.administratorsSetPasswords === true,
      requireOwnPassword: tenant.requireOwnPassword === true,
      signInEvents: tenant.signInEvents ?? 'all',
      invitationDays: tenant.invitationDays ?? null,
      passwordMinLength: tenant.passwordMinLength ?? null,
      branding: toBrandingResponse(tenant),
      defaultRoleId:
        tenant.defaultRole === undefined ? null : formatId(idPrefix, 'role', tenant.defaultRole),
      acceptUrl: tenant.acceptUrl ?? null,
      resetUrl: tenant.resetUrl ?? null,
      confirmUrl: tenant.confirmUrl ?? null,
      verifyUrl: tenant.verifyUrl ?? null,
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
