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
import { type Config, resourceName } from '../config.ts';

/** The source of the events that come from here. */
export const eventSource = 'roster';

/** What asks for an invitation by an event. */
export const inviteRequest = 'User Invite Requested';

/**
 * The bus on which other systems ask for invitations, and hear what became of them. An event says itself what its source is,
 * so the bus asks who sends it: other accounts are let in, each under its own sources, and what the policies of this account
 * allow to its own ends at the sources that are registered. Whose each source is decides the function, by the account that
 * EventBridge writes into every event.
 */
export const addInviteBus = (scope: Construct, config: Config): EventBus => {
  const { inviteSources } = config;
  const eventBusName = resourceName(config);
  const bus = new EventBus(scope, 'Events', {
    eventBusName,
    description: 'Roster: requests for invitations, and what became of them',
  });
  const common = {
    actions: ['events:PutEvents'],
    // Not the attribute of the bus, which has none before it has its policy.
    resources: [
      Stack.of(scope).formatArn({
        service: 'events',
        resource: 'event-bus',
        resourceName: eventBusName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    ],
  };
  const sourcesOf = Map.groupBy(inviteSources, ({ account }) => account);
  const allowed = [...sourcesOf].map(
    ([account, registered]) =>
      new PolicyStatement({
        ...common,
        sid: `Account${account}`,
        principals: [new AccountPrincipal(account)],
        conditions: {
          // `ForAllValues` holds of no value at all too, so there has to be one.
          'ForAllValues:StringEquals': { 'events:source': registered.map(({ source }) => source) },
          Null: { 'events:source': 'false' },
          StringEquals: { 'events:detail-type': inviteRequest },
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
