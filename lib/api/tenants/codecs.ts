import type { DialectsServing } from '../routes.ts';
import { cradlTenant } from './cradl.ts';
import { credibleTenant } from './credible.ts';
import { jitsudoTenant } from './jitsudo.ts';
import { nativeTenant, transferOwnershipInput } from './native.ts';
import type { ListedTenantCodec, TenantCodec, TenantOperation } from './tenant-codec.ts';
import type { LazySchema } from '../codec.ts';

/** Codecs of every dialect that routes.ts lists for a tenant operation. */
export const tenantCodecs = {
  native: nativeTenant,
  cradl: cradlTenant,
  jitsudo: jitsudoTenant,
  credible: credibleTenant,
} satisfies Record<DialectsServing<TenantOperation>, TenantCodec> &
  Record<DialectsServing<'listTenants'>, ListedTenantCodec>;

export const transferOwnershipInputs = {
  native: transferOwnershipInput,
} satisfies Record<
  DialectsServing<'transferOwnership'>,
  LazySchema<{ readonly userId: string | undefined }>
>;
