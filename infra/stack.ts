import { Annotations, App, type AppProps, CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { addAlarms } from './constructs/alarms.ts';
import { addArchive } from './constructs/archive.ts';
import { addApi, addRoutes } from './constructs/api.ts';
import type { Bundles } from './build/bundle.ts';
import { type Config, configSchema } from './config.ts';
import { addConsumers } from './constructs/consumers.ts';
import { addDeadLetters } from './constructs/dead-letters.ts';
import { addFunctions, getApiUrl, type Resources } from './constructs/functions.ts';
import { addEventBus } from './constructs/event-bus.ts';
import { addLinkKeys, addWebhookKeys } from './constructs/mac-keys.ts';
import { addMail } from './constructs/mail.ts';
import { addCheckpointKey, addSigningKeys } from './constructs/signing-keys.ts';
import { addTables } from './constructs/tables.ts';

/** CDK app with the recommended value of every feature flag. */
export const createApp = (props: AppProps = {}): App =>
  new App({ analyticsReporting: false, context: featureFlags, ...props });

/**
 * Placeholder stack without a configuration, for `cdk bootstrap`, `list` and `destroy`. The CLI
 * rejects other commands because of the annotation, and CloudFormation because of the resource
 * type.
 */
export const createUnconfiguredStack = (app: App, file: string): void => {
  const stack = new Stack(app, configSchema.shape.name.parse(undefined));
  new CfnResource(stack, 'Configuration', { type: 'Roster::Configuration::Missing' });
  Annotations.of(stack).addError(
    `${file} does not exist. Create it, or choose another file with --context config=FILE.`,
  );
};

/** The whole service as one stack. It synthesizes without an AWS account. */
export const createStack = (app: App, config: Config, bundles: Bundles): Stack => {
  const stack = new Stack(app, config.name, {
    description: 'Roster: a multi-tenant user directory',
  });
  const tables = addTables(stack, config);
  const resources: Resources = {
    tables,
    linkKeys: addLinkKeys(stack, config),
    webhookKeys: addWebhookKeys(stack, config),
    mail: addMail(stack, config),
    eventBus: addEventBus(stack, config),
    failures: addDeadLetters(stack),
    ...(config.events === 'on' && { archive: addArchive(stack, config) }),
    ...(config.events === 'on' && { checkpointKey: addCheckpointKey(stack) }),
    signingKeys: addSigningKeys(stack, config),
    api: addApi(stack, config),
  };
  const functions = addFunctions(stack, { config, resources, bundles });
  const stage = addRoutes(stack, { config, api: resources.api, functions });
  addConsumers(stack, { config, functions, resources });
  addAlarms(stack, config, { stage, functions, failures: resources.failures });

  new CfnOutput(stack, 'ApiUrl', {
    value: getApiUrl(config, resources.api),
    description: 'URL of the API',
  });
  new CfnOutput(stack, 'DirectoryTableName', { value: tables.directory.tableName });
  new CfnOutput(stack, 'SecretsTableName', { value: tables.secrets.tableName });
  new CfnOutput(stack, 'EventBusName', {
    value: resources.eventBus.eventBusName,
    description: 'Event bus for events of the feed and invite requests',
  });
  new CfnOutput(stack, 'FailuresBucketName', {
    value: resources.failures.bucket.bucketName,
    description: 'Bucket with events that functions failed to process',
  });
  new CfnOutput(stack, 'UndeliveredQueueUrl', {
    value: resources.failures.queue.queueUrl,
    description: 'Queue of undeliverable events',
  });
  if (resources.archive)
    new CfnOutput(stack, 'ArchiveBucketName', {
      value: resources.archive.bucketName,
      description: 'Bucket of exported events, which remains without the stack',
    });
  return stack;
};
