import { Failure } from '../kernel/failure.ts';
import type { Tenant } from './tenant.ts';

/** Lists the operations that change the status of a tenant. */
function listTransitions({ status, deletion }: Tenant, now: Date): readonly string[] {
  if (status === 'active') return ['suspend', 'delete'];
  if (status === 'suspended') return ['resume', 'delete'];
  const isRestorable = deletion !== undefined && now.toISOString() < deletion.eraseAfter;
  return isRestorable ? ['restore', 'erase'] : [];
}

const participles = {
  suspend: 'suspended',
  resume: 'resumed',
  delete: 'deleted',
  restore: 'restored',
  erase: 'erased',
};

const adjectives = { active: 'An active', suspended: 'A suspended', deleted: 'A deleted' };

/** `invalid_transition` with the possible operations. */
export const invalidTransition = (
  tenant: Tenant,
  transition: keyof typeof participles,
  now: Date,
): Failure =>
  new Failure(
    'invalid_transition',
    `${adjectives[tenant.status]} tenant cannot be ${participles[transition]}`,
    { details: { status: tenant.status, allowed: listTransitions(tenant, now) } },
  );
