import { Failure } from '../kernel/failure.ts';
import type { Tenant } from './tenant.ts';

/** Lists the operations that change the status of a tenant. */
function listTransitions({ status, deletion }: Tenant, now: Date): readonly string[] {
  if (status === 'active') return ['suspend', 'delete'];
  if (status === 'suspended') return ['resume', 'delete'];
  const isRestorable = deletion !== undefined && now.toISOString() < deletion.eraseAfter;
  return isRestorable ? ['restore', 'erase'] : [];
}

/** `invalid_transition` with the possible operations. */
export const invalidTransition = (tenant: Tenant, now: Date): Failure =>
  new Failure('invalid_transition', `The tenant is already ${tenant.status}`, {
    details: { status: tenant.status, allowed: listTransitions(tenant, now) },
  });
