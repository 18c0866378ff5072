import { createTenantErasureDeps } from '../../lib/deps/events/tenant-erasure-deps.ts';
import { createTenantErasure } from '../../lib/events/tenant-erasure.ts';

/** Erases deleted tenants that can no longer be restored. */
export const handler = createTenantErasure(createTenantErasureDeps(process.env));
