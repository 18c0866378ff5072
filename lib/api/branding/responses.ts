import * as z from 'zod';
import { responseSchema } from '../codec.ts';
import { getDisplayName, getLogoUrl } from '../../domain/branding/branding.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';

const accentColor = () => z.string().nullable().meta({ description: 'Accent color, `#rrggbb`.' });
const logo = () =>
  z.string().nullable().meta({
    description: 'URL of the logo. It needs no token, and each image has its own.',
  });

/** Branding of a tenant, as its administrators set it. */
export const brandingResponse = responseSchema(() =>
  z
    .strictObject({
      displayName: z.string().nullable().meta({ description: 'Name in pages and emails.' }),
      accentColor: accentColor(),
      logo: logo(),
    })
    .meta({ id: 'Branding' }),
);

/** Null for a tenant without branding. */
export const toBrandingResponse = (tenant: Tenant) =>
  tenant.branding === undefined
    ? null
    : {
        displayName: tenant.branding.displayName ?? null,
        accentColor: tenant.branding.accentColor ?? null,
        logo: getLogoUrl(tenant) ?? null,
      };

/** Branding for pages that users open without a token. */
export const pageBrandingResponse = responseSchema(() =>
  z
    .strictObject({
      displayName: z.string().meta({
        description: 'Display name of the tenant, or its name if it has none.',
      }),
      accentColor: accentColor(),
      logo: logo(),
    })
    .meta({ id: 'PageBranding' }),
);

/** Null for a tenant without branding. */
export function toPageBrandingResponse(tenant: Tenant) {
  const branding = toBrandingResponse(tenant);
  return branding && { ...branding, displayName: getDisplayName(tenant) };
}
