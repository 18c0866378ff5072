import { canonicalizeEmail } from '../kernel/canonical.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { PasswordResetStore } from './password-reset-store.ts';

/**
 * Notes that somebody wants a new password for this address. Whether there is such a user is looked up by who mails, so that
 * asking takes the same for everybody. Of a tenant that there is not, or that is suspended, nothing is noted.
 */
export async function requestReset(
  email: string,
  tenant: Tenant | undefined,
  { resets, now }: { readonly resets: PasswordResetStore; readonly now: () => Date },
): Promise<void> {
  if (tenant?.status === 'active')
    await resets.request(tenant.tenantId, canonicalizeEmail(email), now());
}
