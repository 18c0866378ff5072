import * as z from 'zod';
import { createEventBridgeBus } from '../../aws/event-bridge.ts';
import { logMalformed } from '../../events/sequencer.ts';
import { createFeedWriter } from '../../store/feed/feed-writer.ts';
import { createChangeReader, parseChange } from '../../store/feed/recorded-changes.ts';
import { createKeyring } from '../../store/keyring.ts';
import {
  createSdkConfig,
  createTables,
  type Environment,
  integer,
  parseEnvironment,
  tablesSchema,
} from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';

const environmentSchema = tablesSchema.extend({
  EVENT_BUS: z.string().min(1),
  AUDIT_DAYS: integer({ min: 30, max: 3650, fallback: 400 }),
});

/** Dependencies of the sequencer, which needs no tokens and policies. */
export function createSequencerDeps(
  env: Environment,
  { now = () => new Date() }: Pick<TestOverrides, 'now'> = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const tables = createTables(environment, env);
  return {
    now,
    parseChange,
    auditDays: environment.AUDIT_DAYS,
    feed: createFeedWriter(tables, () => now().getTime()),
    changes: createChangeReader(tables, (key, error) => logMalformed(key, error, now())),
    keyring: createKeyring(tables),
    bus: createEventBridgeBus(environment.EVENT_BUS, createSdkConfig(env, 'EVENTBRIDGE')),
  };
}
