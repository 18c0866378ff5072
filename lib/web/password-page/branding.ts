import { deriveAccentColors } from '../../domain/branding/accent-colors.ts';
import type { Branding, LinkDetails } from './api-client.ts';
import { byId } from './elements.ts';

const logo = document.querySelector<HTMLImageElement>('#logo')!;
// Without the logo, the page shows its own mark.
logo.addEventListener('error', () => setLogoVisible(false));

function setLogoVisible(isVisible: boolean): void {
  logo.hidden = !isVisible;
  byId('main').dataset['logo'] = String(isVisible);
}

/** Returns the name of the tenant as its users know it. */
export const getTenantName = ({
  tenant,
  branding,
}: Pick<LinkDetails, 'tenant' | 'branding'>): string => branding?.displayName ?? tenant.name;

/** Applies the branding of a tenant. Style sheets choose the colors of the color scheme. */
export function renderBranding(branding: Branding | null): void {
  const { accentColor, logo: url, displayName } = branding ?? {};
  const colors = accentColor ? deriveAccentColors(accentColor) : undefined;
  const { style } = document.documentElement;
  for (const [name, value] of [
    ['button', colors?.button],
    ['on-button', colors?.onButton],
    ['on-light', colors?.onLight],
    ['on-dark', colors?.onDark],
  ] as const)
    style.setProperty(`--tenant-${name}`, value ?? '');
  setLogoVisible(Boolean(url));
  logo.alt = displayName ?? '';
  // The API is beside the page, and the content security policy allows no other origin.
  if (url) logo.src = new URL(url).pathname.slice(1);
}
