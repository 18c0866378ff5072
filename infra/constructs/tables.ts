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

/** Both tables. What hangs on a user goes into the directory; what must never be read in passing goes into the secrets. */
export const addTables = (scope: Construct, config: Config): Tables => {
  const common: TablePropsV2 = {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    // The account's own AWS-managed key rather than DynamoDB's: free to keep, and its use is in CloudTrail.
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
