import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

/**
 * Bucket of exported events and checkpoints. Object Lock keeps each version for the configured days,
 * and the stack never deletes the bucket.
 */
export const addArchive = (scope: Construct, { archive: { objectLock, days } }: Config): Bucket => {
  const period = Duration.days(days);
  const bucket = new Bucket(scope, 'Archive', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    objectLockDefaultRetention:
      objectLock === 'compliance'
        ? ObjectLockRetention.compliance(period)
        : ObjectLockRetention.governance(period),
    // An expired object gets a delete marker, and its version is deleted a day later, when its lock
    // has ended.
    lifecycleRules: [
      { expiration: period, noncurrentVersionExpiration: Duration.days(1) },
      { expiredObjectDeleteMarker: true },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'OnlyNewObjects',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
  );
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions::AwsSolutions-S1',
    reason:
      'Only the export writes here and only operators read. CloudTrail records both, so access logs would only add a second bucket.',
  });
  return bucket;
};
