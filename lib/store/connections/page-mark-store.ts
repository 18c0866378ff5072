import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PageMarkStore, PageRun } from '../../domain/provisioning/page-marks.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { type Directory, schemaVersion, sendRequest } from '../dynamodb/tables.ts';
import { connectionKeys, type Key } from '../keys.ts';

/** Runs and marks in the partition of their connection. A run replaces the marks of earlier ones. */
export function createPageMarkStore(tables: Directory): PageMarkStore {
  const { client, directory } = tables;
  const put = async (key: Key, values: object, expiresAtMs: EpochMs): Promise<void> => {
    const Item = { ...key, ...values, ttl: Math.ceil(expiresAtMs / 1000), schemaVersion };
    const command = new PutCommand({ TableName: directory, Item });
    await sendRequest((options) => client.send(command, options));
  };
  return {
    async find({ tenantId, connectionId, hash }, index, now) {
      const [run, mark] = await batchGetOrdered(tables, [
        connectionKeys.pageRun(tenantId, connectionId, hash),
        connectionKeys.pageMark(tenantId, { connectionId, hash, index }),
      ]);
      const { runId, total, countedAt } = (run ?? {}) as Partial<Record<keyof PageRun, unknown>>;
      // TTL deletion is late.
      if (!run || Number(run['ttl']) * 1000 <= now) return undefined;
      const isCurrent = mark?.['runId'] === runId;
      return {
        run: { runId: String(runId), total: Number(total), countedAt: String(countedAt) },
        after: isCurrent ? String(mark?.['after']) : undefined,
      };
    },

    saveRun: ({ tenantId, connectionId, hash }, run, expiresAtMs) =>
      put(connectionKeys.pageRun(tenantId, connectionId, hash), run, expiresAtMs),

    saveMark: ({ tenantId, connectionId, hash }, { index, ...mark }, expiresAtMs) =>
      put(connectionKeys.pageMark(tenantId, { connectionId, hash, index }), mark, expiresAtMs),
  };
}
