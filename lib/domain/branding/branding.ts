import type { Uuid } from '../kernel/ids.ts';
import type { LogoType } from './logo.ts';

/** Appearance of a tenant in pages and mails. */
export interface Branding {
  /** Default: the name of the tenant. */
  readonly displayName?: string | undefined;
  /** `#rrggbb` in lower case. */
  readonly accentColor?: string | undefined;
  readonly logo?: LogoDetails | undefined;
}

/** Properties of a logo. The image is an item of its own. */
export interface LogoDetails {
  /** Part of the URL. Depends only on the image. */
  readonly version: string;
  readonly type: LogoType;
  readonly width: number;
  readonly height: number;
}

/** A tenant. `tenant.ts` imports this file, so the type is not its own. */
export interface BrandedTenant {
  readonly tenantId: Uuid;
  readonly name: string;
  readonly origin: string;
  readonly branding?: Branding | undefined;
}

/** Returns the name of a tenant in pages. */
export const getDisplayName = ({
  branding,
  name,
}: Pick<BrandedTenant, 'branding' | 'name'>): string => branding?.displayName ?? name;

/** Returns the URL of the logo, which is the same in all pages and mails. Undefined without one. */
export const getLogoUrl = ({ tenantId, origin, branding }: BrandedTenant): string | undefined =>
  branding?.logo && `${origin}/v1/logos/${tenantId}/${branding.logo.version}`;
