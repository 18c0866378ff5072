import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface Failures {
  /** Events that a function got and failed at, each with the event itself: a queue would get no more than where it was. */
  readonly bucket: Bucket;
  /** What nobody will try again: events that reached no function, and word of each that came into the bucket. */
  readonly queue: Queue;
}

/** Where events end that nothing more is done with. Both hold e-mails of people, so neither keeps them for long. */
export const addFailures = (scope: Construct): Failures => {
  const bucket = new Bucket(scope, 'Failures', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: Duration.days(30) }],
    // CloudFormation deletes empty buckets only, and emptying one takes a function of its own. This one empties itself within 30 days.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions::AwsSolutions-S1',
    reason:
      'Only Lambda writes here and only operators read; who does is in CloudTrail. A log of it would be a second bucket to look after.',
  });
  // Not `eventBridgeEnabled`, which brings a function and a role of its own to set this one property.
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
    reason:
      'It is a dead-letter queue itself, of the rules that start functions, which are no queues.',
  });
  new Rule(scope, 'FailureKept', {
    description: 'Tells the queue of every failure that is put into the bucket',
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [bucket.bucketName] } },
    },
    targets: [new SqsQueue(queue)],
  });
  return { bucket, queue };
};
