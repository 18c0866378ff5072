import * as z from 'zod';
import { createKmsNoteSigner } from '../../aws/kms-note-signer.ts';
import { createS3ArchiveReader } from '../../aws/s3-archive-reader.ts';
import { createS3Archive } from '../../aws/s3-archive.ts';
import { createCheckpointArchive } from '../../domain/checkpoints/checkpoint-archive.ts';
import { createAnchorStore } from '../../store/feed/anchor-store.ts';
import { createFeedReader } from '../../store/feed/feed-reader.ts';
import { createTenantList } from '../../store/tenants/tenant-list.ts';
import {
  archiveSchema,
  createS3Config,
  createSdkConfig,
  createTables,
  type Environment,
  parseEnvironment,
  tablesSchema,
} from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';

const environmentSchema = tablesSchema.extend({
  DEPLOYMENT: z.string().min(1).default('Roster'),
  ...archiveSchema.shape,
  CHECKPOINT_KEY: z.string().min(1),
});

/** Dependencies of the function that takes checkpoints. It needs no tokens and policies. */
export function createCheckpointDeps(
  env: Environment,
  { now = () => new Date() }: Pick<TestOverrides, 'now'> = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const { DEPLOYMENT, CHECKPOINT_KEY, ARCHIVE_URL } = environment;
  const tables = createTables(environment, env);
  const signerSettings = { name: `roster/${DEPLOYMENT}`, keyArn: CHECKPOINT_KEY };
  const s3Config = createS3Config(environment);
  return {
    now,
    tenants: createTenantList(tables),
    feed: createFeedReader(tables, () => now().getTime()),
    anchors: createAnchorStore(tables),
    archive: createCheckpointArchive({
      ...createS3Archive(ARCHIVE_URL, s3Config),
      ...createS3ArchiveReader(ARCHIVE_URL, s3Config),
    }),
    getSigner: createKmsNoteSigner(signerSettings, createSdkConfig(env, 'KMS')),
  };
}
