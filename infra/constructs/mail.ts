import { ArnFormat, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import { type Config, listSenders, resourceName } from '../config.ts';

/**
 * What SES does with mails besides sending them: it tells the account's default event bus, which is the only one that it can
 * tell, of those that came back. Not of those that arrived, since each of these would start a function for nothing.
 */
export const addMail = (scope: Construct, config: Config): ConfigurationSet => {
  const mail = new ConfigurationSet(scope, 'Mail', { configurationSetName: resourceName(config) });
  mail.addEventDestination('Returned', {
    destination: EventDestination.eventBus(
      EventBus.fromEventBusName(scope, 'DefaultBus', 'default'),
    ),
    events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
  });
  return mail;
};

/** `example.co.uk` for `mail.example.co.uk`, and further up: SES accepts an address of a domain by the identity of a parent. */
const withParents = (domain: string): string[] => {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
};

/** Sending needs the right to the identity that the mail comes from, whichever of these SES has verified, and to the configuration set. */
export const mailArns = (mail: ConfigurationSet, config: Config): readonly string[] => {
  const identities = listSenders(config.mail).flatMap((sender) => {
    const [domain = ''] = sender.split('@').slice(-1);
    return [sender.includes('@') ? sender : `*@${domain}`, ...withParents(domain)];
  });
  const resources = [...new Set(identities)].map((name) => ['identity', name]);
  return [...resources, ['configuration-set', mail.configurationSetName]].map(
    ([resource = '', resourceName]) =>
      Stack.of(mail).formatArn({
        service: 'ses',
        resource,
        resourceName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
  );
};

/** Condition on the address that a mail comes from. */
export const onlySenders = (config: Config): Record<string, object> => ({
  StringLike: {
    'ses:FromAddress': listSenders(config.mail).map((sender) =>
      sender.includes('@') ? sender : `*@${sender}`,
    ),
  },
});
