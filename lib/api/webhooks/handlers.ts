import type { RequestContext } from '../../domain/access/request-context.ts';
import type { FeedReader } from '../../domain/feed/feed-store.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { SinkStore } from '../../domain/sinks/sink-store.ts';
import type { WebhookDependencies } from '../../domain/webhooks/change-webhook.ts';
import { disableWebhook, enableWebhook } from '../../domain/webhooks/change-status.ts';
import { listDeliveries } from '../../domain/webhooks/list-deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  updateWebhook,
} from '../../domain/webhooks/manage-webhooks.ts';
import { replayEvents } from '../../domain/webhooks/replay-events.ts';
import { type TestDependencies, testWebhook } from '../../domain/webhooks/request-test.ts';
import {
  revokePreviousSecret,
  rotateSecret,
  type SecretDependencies,
} from '../../domain/webhooks/rotate-secret.ts';
import type { DeliveryLog } from '../../domain/webhooks/webhook-store.ts';
import type { UrlDependencies } from '../../domain/webhooks/webhook-url.ts';
import type { DeliveryAttempt, Webhook } from '../../domain/webhooks/webhook.ts';
import { noContent, type Reply } from '../codec.ts';
import {
  listPage,
  type ListPageDependencies,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { webhookCodecs, type WebhookOperation } from './codecs.ts';

type Dependencies = WebhookDependencies &
  ListPageDependencies &
  UrlDependencies &
  SecretDependencies &
  TestDependencies & {
    readonly idPrefix: IdPrefix;
    readonly feed: FeedReader;
    readonly sinks: SinkStore;
    readonly deliveries: DeliveryLog;
  };

type WebhookRequest = AuthenticatedRequest<WebhookOperation>;

const getPathWebhookId = ({ dialect, parameters }: WebhookRequest) => {
  const { pathParameter, parseWebhookId } = webhookCodecs[dialect];
  return parseWebhookId(parameters[pathParameter.name] ?? '');
};

const toTarget = (request: WebhookRequest) => ({
  webhookId: getPathWebhookId(request),
  ifMatch: readIfMatch(request),
});

export const webhookHandlers = (deps: Dependencies) => {
  const toResponse = (
    webhook: Webhook,
    { dialect }: Pick<WebhookRequest, 'dialect'>,
    secret?: string,
  ): Reply => {
    const { idPrefix, now } = deps;
    return webhookCodecs[dialect].toResponse(webhook, { idPrefix, now: now() }, secret);
  };

  /** Handles an operation without a body that changes a webhook. */
  const handleChange =
    (
      change: (
        target: ReturnType<typeof toTarget>,
        context: RequestContext,
        deps: Dependencies,
      ) => Promise<Webhook>,
    ) =>
    async (request: WebhookRequest): Promise<Reply> =>
      toResponse(await change(toTarget(request), request.context, deps), request);

  return {
    createWebhook: async (request) => {
      const { createInput, getLocation } = webhookCodecs[request.dialect];
      const input = parse(createInput(), request.body);
      const { webhook, secret } = await createWebhook(input, request.context, deps);
      const { body, headers } = toResponse(webhook, request, secret);
      return { body, headers: { ...headers, location: getLocation(webhook, deps.idPrefix) } };
    },

    listWebhooks: (request) => {
      const { dialect, context } = request;
      const { list } = webhookCodecs[dialect];
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { webhooks, next } = await listWebhooks(page, context, deps);
        const items = webhooks.map((webhook) => ({
          body: toResponse(webhook, request).body,
          position: webhook.webhookId,
        }));
        return { items, next };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, 'webhooks'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getWebhook: async (request) =>
      toResponse(await getWebhook(getPathWebhookId(request), request.context, deps), request),

    updateWebhook: async (request) => {
      const settings = parse(webhookCodecs[request.dialect].updateInput(), request.body);
      const update = { target: toTarget(request), settings };
      return toResponse(await updateWebhook(update, request.context, deps), request);
    },

    deleteWebhook: async (request) => {
      await deleteWebhook(toTarget(request), request.context, deps);
      return noContent;
    },

    enableWebhook: handleChange(enableWebhook),
    disableWebhook: handleChange(disableWebhook),
    revokeWebhookSecret: handleChange(revokePreviousSecret),

    rotateWebhookSecret: async (request) => {
      const { overlapSeconds } = parse(webhookCodecs[request.dialect].rotateInput(), request.body);
      const input = { target: toTarget(request), overlapMs: overlapSeconds * 1000 };
      const { webhook, secret } = await rotateSecret(input, request.context, deps);
      return toResponse(webhook, request, secret);
    },

    testWebhook: async (request) => ({
      body: { eventId: await testWebhook(getPathWebhookId(request), request.context, deps) },
    }),

    replayWebhook: async (request) => {
      const range = parse(webhookCodecs[request.dialect].replayInput(), request.body);
      const replay = { target: toTarget(request), range };
      return toResponse(await replayEvents(replay, request.context, deps), request);
    },

    listWebhookDeliveries: (request) => {
      const { dialect, context } = request;
      const { deliveryList, toDeliveryResponse } = webhookCodecs[dialect];
      const query = parseListQuery(deliveryList, request);
      const outcome = query['outcome'] as DeliveryAttempt['outcome'] | undefined;
      const webhookId = getPathWebhookId(request);
      const read = async (page: PageRequest): Promise<PageItems> => {
        const input = { ...page, outcome, webhookId };
        const { attempts, next } = await listDeliveries(input, context, deps);
        const items = attempts.map(({ attempt, position }) => ({
          body: toDeliveryResponse(attempt),
          position,
        }));
        return { items, next };
      };
      const filter = ['deliveries', webhookId, outcome];
      const scope = [context.tenant.tenantId, dialect, filter] as const;
      return listPage({ codec: deliveryList, query, scope, read }, deps);
    },
  } satisfies Operations<RequestContext>;
};
