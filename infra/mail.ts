import { ArnFormat, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import { type Config, resourceName } from './config.ts';

/**
 * What SES does with mails besides sending them: it tells the account's default event bus, which is the only one that it can
 * tell, of those that came back. Not of those that arrived, since each of these would start a function for nothing.
 */
export const addMail = (scope: Construct, config: Config): ConfigurationSet => {
  const mail = new ConfigurationSet(scope, 'Mail', { configurationSetName: resourceName(config) });
  mail.addEventDestination('Returned', {
    destination: EventDestination.eventBus(EventBus.fromEventBusName(scope, 'DefaultBus', 'default')),
    events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
  });
  return mail;
};

/** Sending needs the right to both: the identity that the mail comes from, which a tenant may choose, and the configuration set. */
export const mailArns = (mail: ConfigurationSet): readonly string[] =>
  [
    ['identity', '*'],
    ['configuration-set', mail.configurationSetName],
  ].map(([resource = '', resourceName]) =>
    Stack.of(mail).formatArn({ service: 'ses', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME }),
  );
