/** Comparison of resources with their change records. */
import { connectionKeys, keys, webhookKeys } from '../../../lib/store/keys.ts';

type Item = Readonly<Record<string, any>>;

const toLine = ({ pk, sk }: Item): string => `${pk} ${sk}`;

/** Builds the key of the change record of a version. Undefined for items without versions. */
function findChangeKey(item: Item): ((version: number) => object) | undefined {
  const { sk, tenantId, userId, slug, appClientId, groupId, domainId, webhookId, connectionId } =
    item;
  const [kind = ''] = String(sk).split('#');
  const builders: Record<string, (version: number) => object> = {
    USER: (version) => keys.userChange(tenantId, userId, version),
    ROLE: (version) => keys.roleChange(tenantId, slug, version),
    APPCLIENT: (version) => keys.appClientChange(tenantId, appClientId, version),
    GROUP: (version) => keys.groupChange(tenantId, groupId, version),
    DOMAIN: (version) => keys.domainChange(tenantId, domainId, version),
    WEBHOOK: (version) => webhookKeys.webhookChange(tenantId, webhookId, version),
    CONNECTION: (version) => connectionKeys.connectionChange(tenantId, connectionId, version),
    TENANT: (version) => keys.tenantChange(tenantId, version),
  };
  return item['version'] === undefined || sk === 'USER#SIGNIN' ? undefined : builders[kind];
}

/**
 * Lists the change records that versions of resources lack. The first version of a user is recorded
 * in the user item. Each membership has a record of its addition.
 */
export function findMissingRecords(items: readonly Item[]): string[] {
  const lines = new Set(items.map(toLine));
  const versions = items.flatMap((item) => {
    const toKey = findChangeKey(item);
    if (!toKey) return [];
    const start = item['creation'] === undefined ? 1 : 2;
    return Array.from({ length: Number(item['version']) - start + 1 }, (_, index) =>
      toLine(toKey(start + index)),
    );
  });
  const additions = items.filter(({ action }) => action === 'addMember');
  const memberships = items.filter(({ sk }) => String(sk).startsWith('MEMBEROF#'));
  return [
    ...versions.filter((line) => !lines.has(line)),
    ...memberships
      .filter(
        ({ pk, groupId }) =>
          !additions.some((each) => each['pk'] === pk && each['groupId'] === groupId),
      )
      .map(toLine),
  ];
}
