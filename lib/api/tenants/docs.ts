import { cradlTenant } from './cradl.ts';
import { jitsudoTenant } from './jitsudo.ts';
import { nativeTenant, transferOwnershipInput } from './native.ts';
import type { TenantCodec } from './tenant-codec.ts';
import type { DialectName, Operation } from '../routes.ts';
import type { Shape } from '../operation-doc.ts';

type TenantOperation = Extract<Operation, `${string}Tenant` | 'listTenants' | 'transferOwnership'>;

const tenantId = '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0';
const createdTime = '2026-01-31T12:00:00.000Z';
const updatedTime = '2026-02-01T09:30:00.000Z';
const ownerUserId = 'cradl:user:0123456789ab4def8123456789abcdef';
const otherUserId = 'cradl:user:89abcdef01234567a123456789abcdef';
const ownerEmail = 'jsmith@example.com';
const origin = 'https://acme.example.com';

interface Examples {
  readonly wire: TenantCodec;
  readonly draft?: object;
  readonly tenant: object;
  readonly patch: object;
  /** What any change makes of it. */
  readonly change: object;
}

const native: Examples = {
  wire: nativeTenant,
  draft: { slug: 'acme', name: 'Acme', origin, ownerEmail },
  tenant: {
    tenantId,
    slug: 'acme',
    name: 'Acme',
    origin,
    uniqueness: 'tenant',
    status: 'active',
    locale: 'en',
    ownerUserId,
    administratorsSetPasswords: false,
    requireOwnPassword: false,
    invitationDays: null,
    acceptUrl: null,
    resetUrl: null,
    confirmUrl: null,
    sender: null,
    version: 1,
    createdTime,
    createdBy: 'system',
    updatedTime: null,
    updatedBy: null,
  },
  patch: { name: 'Acme Ltd' },
  change: { version: 2, updatedTime, updatedBy: 'admin' },
};

const examples: Readonly<Partial<Record<DialectName, Examples>>> = {
  native,
  cradl: {
    wire: cradlTenant,
    tenant: {
      organizationId: cradlTenant.pathParameter.example,
      name: 'Acme',
      description: null,
      paymentMethodId: null,
      planId: null,
      createdTime,
      createdBy: 'system',
      updatedTime: null,
      updatedBy: null,
    },
    patch: { name: 'Acme Ltd' },
    change: { updatedTime, updatedBy: 'admin' },
  },
  jitsudo: {
    wire: jitsudoTenant,
    draft: { name: 'Acme', slug: 'acme', owner_email: ownerEmail, locale: 'en' },
    tenant: {
      id: tenantId,
      name: 'Acme',
      slug: 'acme',
      locale: 'en',
      is_master: false,
      owner_email: ownerEmail,
      owner_user_id: '01234567-89ab-4def-8123-456789abcdef',
      sso_start_url: null,
      sso_region: null,
      created_at: createdTime,
      updated_at: createdTime,
    },
    patch: { name: 'Acme Ltd' },
    change: { updated_at: updatedTime },
  },
};

const of = (dialect: DialectName): Examples => examples[dialect] ?? native;

/** A tenant that something has happened to. */
const changed = (dialect: DialectName, done: string, changes: object = {}): Shape => {
  const { wire, tenant, change } = of(dialect);
  return {
    parameter: wire.pathParameter,
    answer: { schema: wire.response, example: { ...tenant, ...change, ...changes } },
    done,
    conditional: true,
    hasEtag: dialect === 'native',
  };
};

/** What the operations on tenants take and give. */
export const tenantShapes: Readonly<Record<TenantOperation, (dialect: DialectName) => Shape>> = {
  createTenant: (dialect) => {
    const { wire, draft = {}, tenant } = of(dialect);
    return {
      request: { schema: wire.createInput ?? nativeTenant.createInput, example: draft },
      answer: { schema: wire.response, example: tenant },
      done: 'The tenant was created, and its owner is invited.',
      hasEtag: dialect === 'native',
      ...(wire.getLocation && { location: `/v1/tenants/${tenantId}` }),
    };
  },
  listTenants: (dialect) => {
    const { wire, tenant } = of(dialect);
    return {
      query: wire.list.query,
      answer: { schema: wire.list.response, example: wire.list.toResponse([tenant], undefined) },
      done: 'A page of tenants.',
    };
  },
  getTenant: (dialect) => {
    const { wire, tenant } = of(dialect);
    return {
      parameter: wire.pathParameter,
      answer: { schema: wire.response, example: tenant },
      done: 'The tenant.',
      hasEtag: dialect === 'native',
    };
  },
  updateTenant: (dialect) => {
    const { wire, patch } = of(dialect);
    return {
      ...changed(dialect, 'The tenant as it is now.', patch),
      request: { schema: wire.updateInput, example: patch },
    };
  },
  suspendTenant: (dialect) => changed(dialect, 'The tenant is suspended.', { status: 'suspended' }),
  resumeTenant: (dialect) => changed(dialect, 'The tenant is served again.'),
  transferOwnership: (dialect) => ({
    ...changed(dialect, 'The tenant has another owner.', { ownerUserId: otherUserId }),
    request: { schema: transferOwnershipInput, example: { userId: otherUserId } },
  }),
};
