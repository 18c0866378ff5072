import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { TenantChange } from '../../domain/feed/recorded-change.ts';
import { type Directory, sendRequest } from '../dynamodb/tables.ts';
import type { Key } from '../keys.ts';
import { parseRecords } from './recorded-changes.ts';

export interface ChangePage {
  readonly scannedItems: number;
  readonly changes: readonly TenantChange[];
  /** Keys of malformed records. */
  readonly malformedKeys: readonly Key[];
  /** Key of the last item. Undefined on the last page. */
  readonly next: Key | undefined;
}

/** Reads the records of changes in the next items of the table. Throws `unavailable`. */
export async function scanChanges(
  { client, directory }: Directory,
  { after, limit }: { readonly after: Key | undefined; readonly limit: number },
): Promise<ChangePage> {
  const command = new ScanCommand({
    TableName: directory,
    ExclusiveStartKey: after && { ...after },
    Limit: limit,
  });
  const {
    Items = [],
    ScannedCount = 0,
    LastEvaluatedKey,
  } = await sendRequest((options) => client.send(command, options));
  const malformedKeys: Key[] = [];
  return {
    scannedItems: ScannedCount,
    changes: parseRecords(Items, (key) => malformedKeys.push(key)),
    malformedKeys,
    next: LastEvaluatedKey as Key | undefined,
  };
}
