import { invalidInput } from '../kernel/failure.ts';
import { toChangedFields } from '../kernel/json-merge-patch.ts';
import { type BrandedTenant, type Branding, getLogoUrl, type LogoDetails } from './branding.ts';
import { type Logo, parseLogo } from './logo.ts';

/** Changes of a branding. Null clears a field. */
export interface BrandingInput {
  readonly displayName?: string | null | undefined;
  readonly accentColor?: string | null | undefined;
  /** Data URI of a new image, or the URL of the current one to keep it. */
  readonly logo?: string | null | undefined;
}

/** Parses a new logo. Undefined for null and for a URL. Throws `invalid_input`. */
export function readNewLogo(input: BrandingInput | null | undefined): Logo | undefined {
  const text = input?.logo ?? undefined;
  if (text === undefined || isUrl(text)) return undefined;
  const logo = parseLogo(text);
  if (typeof logo === 'string') throw invalidLogo(logo);
  return logo;
}

/**
 * Applies changes to the branding of a tenant. `newLogo` is the parsed logo of the input. Throws
 * `invalid_input` for a URL other than that of the current logo.
 */
export function applyBranding(
  tenant: BrandedTenant,
  input: BrandingInput | null,
  newLogo: Logo | undefined,
): Branding | undefined {
  if (input === null) return undefined;
  const { logo, ...fields } = toChangedFields(input);
  if (logo !== undefined && isUrl(logo) && logo !== getLogoUrl(tenant))
    throw invalidLogo('must be a data URI, or the URL of the current logo');
  const { image: _image, ...details } = newLogo ?? {};
  const branding: Branding = {
    ...tenant.branding,
    ...fields,
    ...(newLogo && { logo: details as LogoDetails }),
    ...(input.logo === null && { logo: undefined }),
  };
  const entries = Object.entries(branding).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const isUrl = (text: string): boolean => /^https?:/i.test(text);

const invalidLogo = (message: string) => invalidInput({ path: 'branding.logo', message });
