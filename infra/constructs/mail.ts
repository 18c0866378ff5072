import { ArnFormat, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import { type Config, listSenders, toResourceName } from '../config.ts';

/**
 * SES configuration set. It reports bounces, complaints and rejections to the default event bus,
 * the only one that SES supports. It does not report deliveries, which would start a function for
 * each mail.
 */
export const addMail = (scope: Construct, config: Config): ConfigurationSet => {
  const mail = new ConfigurationSet(scope, 'Mail', {
    configurationSetName: toResourceName(config),
  });
  mail.addEventDestination('Returned', {
    destination: EventDestination.eventBus(
      EventBus.fromEventBusName(scope, 'DefaultBus', 'default'),
    ),
    events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
  });
  return mail;
};

/** Domain with its parent domains: SES accepts a sender by the identity of a parent domain. */
const listParentDomains = (domain: string): string[] => {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
};

/**
 * Sending requires rights on the verified identity of the sender, on any parent domain, and on the
 * configuration set.
 */
export const listMailArns = (mail: ConfigurationSet, config: Config): readonly string[] => {
  const identities = listSenders(config.mail).flatMap((sender) => {
    const [domain = ''] = sender.split('@').slice(-1);
    return [sender.includes('@') ? sender : `*@${domain}`, ...listParentDomains(domain)];
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

/** Condition on the sender address. */
export const senderCondition = (config: Config): Record<string, object> => ({
  StringLike: {
    'ses:FromAddress': listSenders(config.mail).map((sender) =>
      sender.includes('@') ? sender : `*@${sender}`,
    ),
  },
});
