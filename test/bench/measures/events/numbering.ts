/** Changes per second that sequencers number, and their CPU time compared with that of a create. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { createIssuer } from '../../../../infra/local/fakes/issuer.ts';
import { createSequencerDeps } from '../../../../lib/deps/events/sequencer-deps.ts';
import { createSequencer } from '../../../../lib/events/sequencer.ts';
import { buildRecord, toInsertRecord } from '../../../support/feed/recorded-changes.ts';
import { processorTime } from '../../support/processes.ts';
import { type Stage, type Target, tenantId } from '../../support/stage.ts';

export interface Numbering {
  readonly name: string;
  /** Changes per second. */
  readonly rate: number;
  /** CPU time in ms per change, without the database and the announcement. */
  readonly processorMs: number;
  /** CPU time in ms of a plain create. Undefined if the system does not report it. */
  readonly createMs: number | undefined;
}

interface Case {
  readonly name: string;
  readonly tenants: number;
  /** Changes of a tenant in a batch. */
  readonly batchSize: number;
}

const cases: readonly Case[] = [
  { name: 'one tenant, 1 change at a time', tenants: 1, batchSize: 1 },
  { name: 'one tenant, 20 at a time', tenants: 1, batchSize: 20 },
  { name: 'one tenant, 100 at a time', tenants: 1, batchSize: 100 },
  { name: '5 tenants, 20 of each at a time', tenants: 5, batchSize: 20 },
];

/** Numbers the creations of users, one batch at a time. */
export async function measureNumbering(
  stage: Stage,
  { changes, log }: { readonly changes: number; readonly log: (line: string) => void },
): Promise<Numbering[]> {
  const createMs = await measureCreate(stage, changes);
  const environment = { ...process.env, ...stage.environment, ...renameTables(stage) };
  const results: Numbering[] = [];
  for (const { name, tenants, batchSize } of cases) {
    const bus = { put: async () => {} };
    const sequence = createSequencer({ ...createSequencerDeps(environment), bus });
    const ids = Array.from({ length: tenants }, () => randomUUID());
    const numberBatch = async () => {
      const Records = ids.flatMap((id) =>
        Array.from({ length: batchSize }, () => toInsertRecord(buildCreation(id))),
      );
      const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
      const { batchItemFailures } = await sequence({ Records }, context);
      if (batchItemFailures.length > 0) throw new Error('Not all changes have a number');
    };
    await numberBatch();
    const batches = Math.ceil(changes / (tenants * batchSize));
    const startedAtMs = performance.now();
    const usage = process.cpuUsage();
    for (let batch = 0; batch < batches; batch++) await numberBatch();
    const { user, system } = process.cpuUsage(usage);
    const count = batches * tenants * batchSize;
    const rate = (count * 1000) / (performance.now() - startedAtMs);
    results.push({ name, rate, processorMs: (user + system) / 1000 / count, createMs });
  }
  log(`numbering: ${results.map(({ name, rate }) => `${rate.toFixed(0)}/s (${name})`).join(', ')}`);
  return results;
}

const renameTables = ({ tables }: Stage) => ({
  DIRECTORY_TABLE: tables.directory,
  SECRETS_TABLE: tables.secrets,
});

const buildCreation = (tenant: string) =>
  buildRecord(tenant, { kind: 'user', id: randomUUID() }, 1, {
    actor: { type: 'user', id: randomUUID() },
    requestId: randomUUID(),
    policies: ['create-user'],
  });

async function measureCreate(
  { roster, issuer }: Stage,
  count: number,
): Promise<number | undefined> {
  const token = createIssuer(issuer).mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const create = async () => {
    const response = await fetch(roster.users(tenantId), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ email: `${randomUUID()}@example.com`, sendInvitation: false }),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.arrayBuffer();
  };
  await create();
  return measureProcessorMs(roster, count, async () => {
    for (let created = 0; created < count; created += 16)
      await Promise.all(Array.from({ length: 16 }, create));
  });
}

async function measureProcessorMs(
  { process: server }: Target,
  count: number,
  work: () => Promise<void>,
): Promise<number | undefined> {
  const before = processorTime(server);
  await work();
  const after = processorTime(server);
  return before === undefined || after === undefined
    ? undefined
    : ((after - before) * 1000) / (Math.ceil(count / 16) * 16);
}
