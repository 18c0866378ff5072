import type { Logo, LogoType } from '../../domain/branding/logo.ts';
import type { LogoStore } from '../../domain/branding/logo-store.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { putAlways, type Write } from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';

export const createLogoStore = ({ client, directory }: Directory): LogoStore => ({
  async find(tenantId, version) {
    const item = await getItem(client, directory, keys.logo(tenantId));
    if (item?.['version'] !== version) return undefined;
    return { image: String(item['image']), type: item['type'] as LogoType };
  },
});

/**
 * Builds the write of a changed logo, which is part of the tenant's transaction. A removed logo
 * leaves an item without an image, because the function has no right to delete.
 */
export function buildLogoWrites(
  directory: string,
  { before, after }: { readonly before?: Tenant | undefined; readonly after: Tenant },
  newLogo: Logo | undefined,
): Write[] {
  const version = after.branding?.logo?.version;
  if (version === before?.branding?.logo?.version) return [];
  const { tenantId } = after;
  const content = version === undefined ? {} : { version, ...toContent(newLogo) };
  return [putAlways(directory, { ...keys.logo(tenantId), tenantId, ...content })];
}

function toContent(logo: Logo | undefined): Pick<Logo, 'image' | 'type'> {
  if (logo === undefined) throw new Error('A new version of a logo has no image');
  return { image: logo.image, type: logo.type };
}
