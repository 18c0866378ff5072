import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface DeadLetters {
  /** Events that a function failed to process, in full. A queue would get only their position. */
  readonly bucket: Bucket;
  /** Events that reached no function, and a message for each object in the bucket. */
  readonly queue: Queue;
}

/** Bucket and queue for undeliverable events. Both contain personal data, so retention is short. */
export const addDeadLetters = (scope: Construct): DeadLetters => {
  const bucket = new Bucket(scope, 'Failures', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: Duration.days(30) }],
    // CloudFormation deletes only empty buckets. This one empties itself within 30 days.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions::AwsSolutions-S1',
    reason:
      'Only Lambda writes here and only operators read. CloudTrail records both, so access logs would only add a second bucket.',
  });
  // `eventBridgeEnabled` would add a function and a role to set this property.
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };

  const queue = new Queue(scope, 'Undelivered', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions::AwsSolutions-SQS3',
    reason: 'This queue is the dead-letter queue of event rules.',
  });
  new Rule(scope, 'FailureKept', {
    description: 'Sends a message for each object in the bucket to the queue',
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [bucket.bucketName] } },
    },
    targets: [new SqsQueue(queue)],
  });
  return { bucket, queue };
};
