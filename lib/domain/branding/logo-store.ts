import type { Uuid } from '../kernel/ids.ts';
import type { Logo } from './logo.ts';

/** Logos of tenants. */
export interface LogoStore {
  /** Finds the current logo of a tenant. Undefined for another version and for other tenants. */
  find(tenantId: Uuid, version: string): Promise<Pick<Logo, 'image' | 'type'> | undefined>;
}
