import { Duration } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { FilterRule } from 'aws-cdk-lib/aws-lambda';
import type { consumers as consumerNames, DeployedFunction } from '../build/bundle.ts';
import type { Config } from '../config.ts';
import { testRequestType } from '../../lib/domain/webhooks/test-request.ts';
import { feedAdvancedType } from '../../lib/domain/kernel/event-bus.ts';
import { eventSource, inviteRequestType } from './event-bus.ts';

/** Records of the directory stream that invoke a function. */
export interface StreamSource {
  /** Lambda filter patterns. A record that matches one of them invokes the function. */
  readonly patterns: readonly Readonly<Record<string, unknown>>[];
  /** Concurrent batches per shard. */
  readonly parallelizationFactor: number;
  /** Most records of a batch. */
  readonly batchSize: number;
  /** Longest wait for a full batch. */
  readonly batchWindow: Duration;
  /** Retries of a batch before it goes to the failures bucket. */
  readonly retryAttempts: number;
  /** Age of records that are no longer retried. */
  readonly maxRecordAge: Duration;
  /** Delay that raises the alarm. */
  readonly alarmAge: Duration;
}

export interface ScheduleSource {
  readonly id: string;
  readonly description: string;
  readonly interval: Duration;
}

/** Events that invoke a function, on the deployment's own bus or on the account's default bus. */
export interface EventSource {
  readonly id: string;
  readonly description: string;
  readonly bus: 'own' | 'default';
  /** Undefined if no event is expected. An empty pattern would match all events. */
  readonly toPattern: (settings: EventSettings) => EventPattern | undefined;
}

export interface EventSettings extends Pick<Config, 'inviteSources'> {
  readonly configurationSetName: string;
}

export type ConsumerName = (typeof consumerNames)[number];

/** Everything that invokes a function asynchronously. */
export interface Consumer {
  /** True if the function exists only in deployments with an event feed. */
  readonly isPartOfFeed?: boolean;
  readonly stream?: StreamSource;
  readonly schedule?: ScheduleSource;
  readonly events?: readonly EventSource[];
}

/**
 * Consumers by function. Event sources, retries, dead letters, their grants and the stream alarm
 * derive from this table.
 */
const consumers: Readonly<Record<ConsumerName, Consumer>> = {
  mailer: {
    stream: {
      patterns: [
        // A mail is due for the item, and no attempt of an invitation runs or waits. While another
        // mail is being sent, its item still matches: that record has no effect.
        {
          eventName: FilterRule.or('INSERT', 'MODIFY'),
          dynamodb: {
            Keys: {
              sk: { S: [...FilterRule.or('USER', 'RESET'), ...FilterRule.beginsWith('NOTICE#')] },
            },
            NewImage: {
              dueAt: { S: FilterRule.exists() },
              mailAttempt: { M: { id: { S: FilterRule.notExists() } } },
            },
          },
        },
      ],
      // One retried batch does not delay the others. Lambda repeats an invocation above the
      // concurrency of the mailer without counting a retry.
      parallelizationFactor: 2,
      batchSize: 25,
      batchWindow: Duration.seconds(0),
      retryAttempts: 3,
      maxRecordAge: Duration.hours(1),
      alarmAge: Duration.minutes(5),
    },
    // Finds mails that the stream missed.
    schedule: {
      id: 'Sweep',
      description: 'Sends due mails that the stream missed',
      interval: Duration.minutes(5),
    },
    events: [
      {
        id: 'MailReturned',
        description: 'Records bounces, complaints and rejections',
        bus: 'default',
        toPattern: ({ configurationSetName }) => ({
          source: ['aws.ses'],
          detailType: ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
          detail: { mail: { tags: { 'ses:configuration-set': [configurationSetName] } } },
        }),
      },
    ],
  },
  // An operator can request one more, such as before maintenance.
  checkpoints: {
    isPartOfFeed: true,
    schedule: {
      id: 'DailyCheckpoint',
      description: 'Signs the heads of all event feeds',
      interval: Duration.hours(24),
    },
    events: [
      {
        id: 'CheckpointRequested',
        description: 'Signs the heads of all event feeds',
        bus: 'own',
        toPattern: () => ({ source: [eventSource], detailType: ['Checkpoint Requested'] }),
      },
    ],
  },
  // Daily, because a check that fails is repeated the next day.
  'domain-checks': {
    schedule: {
      id: 'DailyDomainChecks',
      description: 'Checks the DNS records of verified domains',
      interval: Duration.hours(24),
    },
  },
  'group-cleanup': {
    schedule: {
      id: 'DeletedGroups',
      description: 'Continues large changes of members, and removes members of deleted groups',
      interval: Duration.minutes(1),
    },
  },
  'tenant-erasure': {
    schedule: {
      id: 'DeletedTenants',
      description: 'Erases deleted tenants',
      interval: Duration.minutes(15),
    },
  },
  // Records of changes are only inserted. The stream allows two readers: this one and the mailer.
  sequencer: {
    isPartOfFeed: true,
    stream: {
      patterns: [
        {
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: {
            Keys: {
              sk: {
                S: [
                  ...FilterRule.or('USER'),
                  ...FilterRule.beginsWith('CHANGE#'),
                  ...FilterRule.beginsWith('GROUPCHANGE#'),
                  ...FilterRule.beginsWith('ACTIVITY#'),
                ],
              },
            },
          },
        },
      ],
      // Concurrent batches would compete for the next numbers of a tenant.
      parallelizationFactor: 1,
      // Many events in one transaction cost less.
      batchSize: 100,
      batchWindow: Duration.seconds(1),
      // A later record of the same entity also numbers those that were lost.
      retryAttempts: 20,
      maxRecordAge: Duration.hours(24),
      alarmAge: Duration.minutes(5),
    },
  },
  'webhook-delivery': {
    isPartOfFeed: true,
    // Failed events, and events that earlier runs left.
    schedule: {
      id: 'DueWebhooks',
      description: 'Delivers events to webhooks that are due',
      interval: Duration.minutes(5),
    },
    events: [
      {
        id: 'WebhookEvents',
        description: 'Delivers new events to webhooks, and test events',
        bus: 'own',
        toPattern: () => ({
          source: [eventSource],
          detailType: [feedAdvancedType, testRequestType],
        }),
      },
    ],
  },
  'feed-export': {
    isPartOfFeed: true,
    // Archives events, repeats failed deliveries, and finds events that started none.
    schedule: {
      id: 'DueExports',
      description: 'Exports events that are due',
      interval: Duration.minutes(5),
    },
    events: [
      {
        id: 'FeedEvents',
        description: 'Exports new events of a feed',
        bus: 'own',
        toPattern: () => ({ source: [eventSource], detailType: [feedAdvancedType] }),
      },
    ],
  },
  // The bus policy, this rule and the function each check the sender.
  'invite-requests': {
    events: [
      {
        id: 'InviteRequested',
        description: 'Invites users for registered systems',
        bus: 'own',
        toPattern: ({ inviteSources }) =>
          inviteSources.length === 0
            ? undefined
            : {
                account: [...new Set(inviteSources.map(({ account }) => account))],
                source: [...new Set(inviteSources.map(({ source }) => source))],
                detailType: [inviteRequestType],
              },
      },
    ],
  },
};

export const listConsumers = (): [ConsumerName, Consumer][] =>
  Object.entries(consumers) as [ConsumerName, Consumer][];

/** False for functions of the event feed in a deployment without it. */
export const isDeployed = (name: DeployedFunction, { events }: Pick<Config, 'events'>): boolean =>
  events === 'on' ||
  !listConsumers().some(([consumer, { isPartOfFeed }]) => consumer === name && isPartOfFeed);
