import { Annotations, App, type AppProps, CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { addAlarms } from './constructs/alarms.ts';
import { addApi, addRoutes, getApiUrl } from './constructs/api.ts';
import type { Bundles } from './build/bundle.ts';
import { type Config, configSchema } from './config.ts';
import { addConsumers } from './constructs/consumers.ts';
import { addFailures } from './constructs/dead-letters.ts';
import { addFunctions, type Resources } from './constructs/functions.ts';
import { addInviteBus } from './constructs/event-bus.ts';
import { addLinkKeys } from './constructs/link-keys.ts';
import { addMail } from './constructs/mail.ts';
import { addSigningKeys } from './constructs/signing-keys.ts';
import { addTables } from './constructs/tables.ts';

/** An app as `cdk init` would make one of this CDK version today: every feature flag at its recommended value. */
export const createApp = (props: AppProps = {}): App =>
  new App({ analyticsReporting: false, context: featureFlags, ...props });

/**
 * Stands for the stack while there is no configuration: `cdk bootstrap`, `list` and `destroy` need none. Everything else is refused by
 * the CLI for the annotation, and by CloudFormation for the type of the resource.
 */
export const createUnconfiguredStack = (app: App, file: string): void => {
  const stack = new Stack(app, configSchema.shape.name.parse(undefined));
  new CfnResource(stack, 'Configuration', { type: 'Roster::Configuration::Missing' });
  Annotations.of(stack).addError(
    `There is no ${file}. Write it, or name another file with --context config=FILE.`,
  );
};

/** The whole service as one stack: nothing is looked up, so that it synthesises without an account. */
export const createStack = (app: App, config: Config, bundles: Bundles): Stack => {
  const stack = new Stack(app, config.name, {
    description: 'Roster: a multi-tenant user directory',
  });
  const tables = addTables(stack, config);
  const resources: Resources = {
    tables,
    linkKeys: addLinkKeys(stack, config),
    mail: addMail(stack, config),
    eventBus: addInviteBus(stack, config),
    failures: addFailures(stack),
    signingKeys: addSigningKeys(stack, config),
    api: addApi(stack, config),
  };
  const functions = addFunctions(stack, config, resources, bundles);
  const stage = addRoutes(stack, config, resources.api, functions);
  addConsumers(stack, config, functions, resources);
  addAlarms(stack, config, { stage, functions, failures: resources.failures });

  new CfnOutput(stack, 'ApiUrl', {
    value: getApiUrl(config, resources.api),
    description: 'Where the API answers',
  });
  new CfnOutput(stack, 'DirectoryTableName', { value: tables.directory.tableName });
  new CfnOutput(stack, 'SecretsTableName', { value: tables.secrets.tableName });
  new CfnOutput(stack, 'EventBusName', {
    value: resources.eventBus.eventBusName,
    description: 'Where other systems ask for invitations',
  });
  new CfnOutput(stack, 'FailuresBucketName', {
    value: resources.failures.bucket.bucketName,
    description: 'Events that functions failed at',
  });
  new CfnOutput(stack, 'UndeliveredQueueUrl', {
    value: resources.failures.queue.queueUrl,
    description: 'What nobody will try again',
  });
  return stack;
};
