import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
  type TablePropsV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { outboxIndex } from '../../lib/store/keys.ts';
import { type Config, toRemovalPolicy } from '../config.ts';

export type TableName = 'directory' | 'secrets';
export type Tables = Readonly<Record<TableName, TableV2>>;

/** Both tables. The secrets table holds data that ordinary reads must not return. */
export const addTables = (scope: Construct, config: Config): Tables => {
  const common: TablePropsV2 = {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    // The AWS managed key is free, and CloudTrail records its use.
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: config.removalPolicy === 'retain',
    removalPolicy: toRemovalPolicy(config),
  };
  return {
    directory: new TableV2(scope, 'Directory', {
      ...common,
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'ttl',
      // Sparse index of items with pending mail. The shard is a digit of the user ID, which spreads
      // the writes.
      globalSecondaryIndexes: [
        {
          indexName: outboxIndex.name,
          partitionKey: { name: outboxIndex.partition, type: AttributeType.STRING },
          sortKey: { name: outboxIndex.sort, type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    }),
    // No stream and no TTL: a secret is deleted only with its owner.
    secrets: new TableV2(scope, 'Secrets', common),
  };
};
