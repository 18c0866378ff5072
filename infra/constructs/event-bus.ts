import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type CfnEventBus, EventBus } from 'aws-cdk-lib/aws-events';
import {
  AccountPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Config, toResourceName } from '../config.ts';

/** Source of the events that Roster sends. */
export const eventSource = 'roster';

/** Detail type of an invite request. */
export const inviteRequestType = 'User Invite Requested';

/**
 * Event bus for events of the feed, invite requests and their outcomes. Senders choose the source of
 * their events, so the bus policy limits each registered account to its own sources. The function
 * then checks the account that EventBridge writes into each event.
 */
export const addEventBus = (scope: Construct, config: Config): EventBus => {
  const { inviteSources } = config;
  const eventBusName = toResourceName(config);
  const bus = new EventBus(scope, 'Events', {
    eventBusName,
    description: 'Roster: events of the feed, invite requests and their outcomes',
  });
  const common = {
    actions: ['events:PutEvents'],
    // The ARN attribute of the bus depends on its policy, which would be circular.
    resources: [
      Stack.of(scope).formatArn({
        service: 'events',
        resource: 'event-bus',
        resourceName: eventBusName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    ],
  };
  const listSources = Map.groupBy(inviteSources, ({ account }) => account);
  const allowed = [...listSources].map(
    ([account, registered]) =>
      new PolicyStatement({
        ...common,
        sid: `Account${account}`,
        principals: [new AccountPrincipal(account)],
        conditions: {
          // `ForAllValues` also matches an empty set, so a value must be present.
          'ForAllValues:StringEquals': { 'events:source': registered.map(({ source }) => source) },
          Null: { 'events:source': 'false' },
          StringEquals: { 'events:detail-type': inviteRequestType },
        },
      }),
  );
  const denied = new PolicyStatement({
    ...common,
    sid: 'NoOtherSource',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    conditions: {
      'ForAnyValue:StringNotEquals': {
        'events:source': [...new Set([eventSource, ...inviteSources.map(({ source }) => source)])],
      },
    },
  });
  (bus.node.defaultChild as CfnEventBus).policy = new PolicyDocument({
    statements: [...allowed, denied],
  });
  return bus;
};
