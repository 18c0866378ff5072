import * as z from 'zod';
import { typePatterns } from '../../domain/feed/event-filter.ts';
import {
  formatId,
  idPatterns,
  type IdPrefix,
  parseWebhookId,
  toHex,
} from '../../domain/kernel/ids.ts';
import { maxReplayEvents, type ReplayRange } from '../../domain/webhooks/replay-events.ts';
import {
  type DeliveryAttempt,
  selectLiveSecrets,
  type Webhook,
} from '../../domain/webhooks/webhook.ts';
import { maxUrlLength } from '../../domain/webhooks/webhook-url.ts';
import { trimText } from '../characters.ts';
import { buildOnce, type LazySchema, type Reply, responseSchema } from '../codec.ts';
import { description } from '../fields.ts';
import { nativeList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';

const time = () => z.iso.datetime();

const typesDescription =
  'Types of the events to send. `user.*` stands for all types that begin with `user.`. Empty for all types.';
const orderField = () =>
  z.enum(['resource', 'strict']).meta({
    description:
      '`resource` keeps the order of the events of each resource. `strict` keeps the order of all events, so one that fails delays the others.',
  });

const response = responseSchema(() =>
  z
    .strictObject({
      webhookId: z.string().regex(idPatterns.webhook),
      url: z.string().meta({ description: 'Address that receives the events.' }),
      description: z.string().nullable(),
      types: z.array(z.string()).meta({ description: typesDescription }),
      order: orderField(),
      status: z.enum(['unverified', 'enabled', 'disabled']).meta({
        description:
          '`unverified` until the URL accepts a test event. No other event is sent before.',
      }),
      verifiedTime: time()
        .nullable()
        .meta({ description: 'Time at which the URL accepted a test event. Null until then.' }),
      disabledReason: z.enum(['caller', 'failures', 'gone']).nullable().meta({
        description:
          '`caller`: by a request. `failures`: no success for 120 hours. `gone`: the endpoint returned 410. Null unless disabled.',
      }),
      disabledTime: time()
        .nullable()
        .meta({ description: 'Time of the disabling. Null unless disabled.' }),
      publicKeys: z
        .array(
          z.strictObject({
            publicKey: z
              .string()
              .meta({ description: 'Ed25519 key that verifies the signatures `v1a`.' }),
            expiresTime: time().nullable(),
          }),
        )
        .meta({
          description: 'Keys of the secrets that sign, the current one first. Not confidential.',
        }),
      replayedTime: time().nullable().meta({ description: 'Time of the latest replay.' }),
      version: z.int().meta({ description: 'Version of the webhook, starting at 1.' }),
      createdTime: time(),
      createdBy: z.string().meta({ description: '`sub` of the token that created the webhook.' }),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'Webhook' }),
);

/** URL. The domain checks it, because the rules depend on the deployment. */
const url = () =>
  z
    .string()
    .overwrite(trimText)
    .max(maxUrlLength)
    .meta({
      description: 'Address that receives the events, with `https` and a public host.',
      examples: ['https://hooks.example.com/roster'],
    });

const fields = () => ({
  description: description().nullable().optional(),
  types: z
    .array(
      z.string().refine((type) => typePatterns.has(type), {
        error: 'must be an event type such as user.created or user.*',
      }),
    )
    .max(typePatterns.size)
    .transform((types) => [...new Set(types)].toSorted())
    .optional()
    .meta({ description: typesDescription }),
  order: orderField().optional(),
});

const attempt = responseSchema(() =>
  z
    .strictObject({
      eventId: z.guid().meta({ description: 'ID of the event.' }),
      sequence: z
        .int()
        .nullable()
        .meta({ description: 'Number of the event in the feed. Null for a test event.' }),
      type: z.string().meta({ description: 'Type of the event, or `webhook.test`.' }),
      attempt: z.int().meta({ description: 'Number of the attempt for this event, from 1.' }),
      time: time(),
      outcome: z
        .enum(['delivered', 'failed'])
        .meta({ description: '`delivered` if the response had a status 2xx.' }),
      httpStatus: z.int().nullable().meta({ description: 'Status of the response, if any.' }),
      error: z.enum(['name', 'address_refused', 'connection', 'tls', 'timeout']).nullable().meta({
        description:
          'Reason why no response arrived. `name`: the DNS has no address. `address_refused`: the address is not public.',
      }),
      durationMs: z.int().meta({ description: 'Duration of the attempt in milliseconds.' }),
      nextTime: time()
        .nullable()
        .meta({ description: 'Time of the next attempt. Null after the last one.' }),
    })
    .meta({ id: 'WebhookDelivery' }),
);

const sequence = (min: number) => z.int().min(min);

const replayInput: LazySchema<ReplayRange> = buildOnce(() =>
  requestBody(
    {
      after: sequence(0).optional().meta({
        description:
          'Number of an event. Sends all events after it again, in order. At most 10,000 events.',
      }),
      from: sequence(1)
        .optional()
        .meta({ description: 'Number of the first event to send again.' }),
      to: sequence(1)
        .optional()
        .meta({ description: `Number of the last one. At most ${maxReplayEvents} events.` }),
    },
    'WebhookReplay',
  ).transform(({ after, from, to }, { issues }): ReplayRange => {
    const report = (path: string, message: string) => {
      issues.push({ code: 'custom', path: [path], message, input: undefined });
      return z.NEVER;
    };
    const [start, end] = [from ?? undefined, to ?? undefined];
    if (typeof after === 'number')
      return start === undefined && end === undefined
        ? { after }
        : report(start === undefined ? 'to' : 'from', 'cannot be combined with after');
    if (start === undefined) return report(end === undefined ? 'after' : 'from', 'is required');
    if (end === undefined) return report('to', 'is required');
    if (end < start) return report('to', 'must be at least from');
    if (end - start >= maxReplayEvents)
      return report('to', `must be at most ${start + maxReplayEvents - 1}`);
    return { from: start, to: end };
  }),
);

/** Webhooks of the native API. */
export const nativeWebhook = {
  createInput: buildOnce(() =>
    requestBody({ url: url(), ...fields() }, 'WebhookCreate').transform((input) => ({
      url: input.url,
      description: input.description ?? undefined,
      types: input.types ?? [],
      order: input.order ?? ('resource' as const),
    })),
  ),
  updateInput: buildOnce(() =>
    updateBody({ url: url().optional(), ...fields() }, 'WebhookChange').transform(
      ({ description: text, ...input }) => ({
        ...input,
        ...(text !== undefined && { description: text ?? undefined }),
      }),
    ),
  ),
  replayInput,
  response,
  secretResponse: responseSchema(() =>
    response()
      .extend({
        secret: z.string().meta({
          description: 'Key of the signatures `v1`. Returned only once; it is not stored.',
        }),
      })
      .meta({ id: 'WebhookWithSecret' }),
  ),
  testResponse: responseSchema(() =>
    z
      .strictObject({
        eventId: z.guid().meta({ description: 'ID of the test event in the delivery log.' }),
      })
      .meta({ id: 'WebhookTest' }),
  ),
  list: nativeList({
    itemsLabel: 'webhooks',
    field: 'webhooks',
    item: response,
    id: 'WebhookList',
  }),
  deliveryList: nativeList(
    {
      itemsLabel: 'attempts',
      field: 'deliveries',
      item: attempt,
      id: 'WebhookDeliveryList',
    },
    () => ({
      outcome: z
        .enum(['delivered', 'failed'])
        .optional()
        .meta({ description: 'Returns attempts with this outcome. Pages can then be short.' }),
    }),
  ),
  pathParameter: {
    name: 'webhookId',
    description: 'ID of the webhook.',
    example: 'cradl:webhook:0123456789ab4def8123456789abcdef',
  },
  parseWebhookId,
  getLocation: ({ webhookId }: Webhook, idPrefix: IdPrefix): string =>
    `/v1/webhooks/${formatId(idPrefix, 'webhook', toHex(webhookId))}`,
  toResponse: (
    webhook: Webhook,
    { idPrefix, now }: { readonly idPrefix: IdPrefix; readonly now: Date },
    secret?: string,
  ): Reply => ({
    headers: { etag: `"${webhook.version}"` },
    body: {
      webhookId: formatId(idPrefix, 'webhook', toHex(webhook.webhookId)),
      url: webhook.url,
      description: webhook.description ?? null,
      types: webhook.types,
      order: webhook.order,
      status: webhook.status,
      verifiedTime: webhook.verifiedAt ?? null,
      disabledReason: webhook.disabled?.reason ?? null,
      disabledTime: webhook.disabled?.at ?? null,
      publicKeys: selectLiveSecrets(webhook, now.toISOString()).map(({ publicKey, expiresAt }) => ({
        publicKey,
        expiresTime: expiresAt ?? null,
      })),
      replayedTime: webhook.replayedAt ?? null,
      version: webhook.version,
      createdTime: webhook.createdAt,
      createdBy: webhook.createdBy,
      updatedTime: webhook.updatedAt ?? null,
      updatedBy: webhook.updatedBy ?? null,
      ...(secret !== undefined && { secret }),
    },
  }),
  toDeliveryResponse: (delivery: DeliveryAttempt) => ({
    eventId: delivery.eventId,
    sequence: delivery.sequence === 0 ? null : delivery.sequence,
    type: delivery.type,
    attempt: delivery.attempt,
    time: delivery.at,
    outcome: delivery.outcome,
    httpStatus: delivery.status ?? null,
    error: delivery.error ?? null,
    durationMs: delivery.durationMs,
    nextTime: delivery.nextAt ?? null,
  }),
};
