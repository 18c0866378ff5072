import { Failure } from '../../domain/kernel/failure.ts';
import { rotateSecretInput } from '../app-clients/native.ts';
import { exampleCreatedTime, exampleUpdatedTime, versionErrors } from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import type { WebhookOperation } from './codecs.ts';
import { nativeWebhook as codec } from './native.ts';

const { pathParameter } = codec;
const url = 'https://hooks.example.com/roster';
const publicKey = 'whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=';
const nextPublicKey = 'whpk_dqFZIESm5PURJlvKc6YE2QsFKdHfYCvjChmpJXZg0fU=';
const secret = 'whsec_RXhhbXBsZSBvbmx5LCBub3QgYSByZWFsIHNlY3JldCE=';
const eventId = '00000000-002a-8e4f-9a5b-6c7d8e9f0a1b';

const webhook = {
  webhookId: pathParameter.example,
  url,
  description: null,
  types: ['user.created', 'user.deleted'],
  order: 'resource',
  status: 'unverified',
  verifiedTime: null,
  disabledReason: null,
  disabledTime: null,
  publicKeys: [{ publicKey, expiresTime: null }],
  replayedTime: null,
  version: 1,
  createdTime: exampleCreatedTime,
  createdBy: 'admin',
  updatedTime: null,
  updatedBy: null,
};

const enabled = {
  ...webhook,
  status: 'enabled',
  verifiedTime: exampleCreatedTime,
  version: 2,
  updatedTime: exampleCreatedTime,
  updatedBy: 'webhook-delivery',
};
const changed = { ...enabled, version: 3, updatedTime: exampleUpdatedTime, updatedBy: 'admin' };

const delivery = {
  eventId,
  sequence: 42,
  type: 'user.created',
  attempt: 1,
  time: exampleUpdatedTime,
  outcome: 'failed',
  httpStatus: 503,
  error: null,
  durationMs: 118,
  nextTime: '2026-02-01T09:30:05.000Z',
};

const read = 'Requires the permission `webhooks:read`.';
const write = 'Requires the permissions `webhooks:write` and `events:read`.';

const notFound = {
  text: 'the webhook does not exist in this tenant',
  example: new Failure('not_found', 'The webhook does not exist in this tenant'),
};
const urlError = {
  text: 'a field is missing or invalid. `details.field` names it. The host of `url` must have public IP addresses only',
};
const readErrors = { events_disabled: {} };
const writeErrors = { ...readErrors, ...versionErrors('webhook'), not_found: notFound };

/** Content of an operation on one webhook. */
const describe = (content: OperationContent) => (): OperationContent => ({
  parameter: pathParameter,
  ...content,
});

const describeChange = (
  example: object,
  { responseDescription, ...content }: OperationContent,
): (() => OperationContent) =>
  describe({
    response: { schema: codec.response(), example },
    responseDescription,
    acceptsIfMatch: true,
    hasEtag: true,
    ...content,
  });

/** OpenAPI texts of webhooks. */
export const webhookDoc: ResourceDoc<WebhookOperation> = {
  name: 'Webhooks',
  description:
    'Endpoints that receive the events of a tenant. Requests are signed as [Standard Webhooks](https://www.standardwebhooks.com) specifies, with `v1` (HMAC-SHA-256) and `v1a` (Ed25519). Bodies are CloudEvents in JSON.',
  operations: {
    createWebhook: {
      summary: 'Create a webhook',
      description: `Creates a webhook and returns its secret, once. The webhook is \`unverified\`: a test event is sent, and events follow when the URL has accepted one with 2xx. An endpoint that verifies signatures rejects the first test event, because it does not have the secret yet. Store the secret, then send another. Events since the creation are sent then. A tenant can have 10 webhooks.\n\nThe URL must use https and a host with public IP addresses only, and cannot contain credentials. ${write}`,
      errors: { ...readErrors, invalid_input: urlError, webhook_limit_reached: {} },
      content: () => ({
        request: { schema: codec.createInput(), example: { url, types: webhook.types } },
        response: { schema: codec.secretResponse(), example: { ...webhook, secret } },
        responseDescription: 'The created webhook with its secret.',
        hasEtag: true,
        location: `/v1/webhooks/${pathParameter.example}`,
      }),
    },
    listWebhooks: {
      summary: 'List webhooks',
      description: `Returns the webhooks of the tenant, one page at a time. ${read}`,
      errors: readErrors,
      content: () => ({
        query: codec.list.query(),
        response: {
          schema: codec.list.response(),
          example: codec.list.toResponse([enabled], undefined),
        },
        responseDescription: 'A page of webhooks.',
      }),
    },
    getWebhook: {
      summary: 'Get a webhook',
      description: `Returns a webhook without its secret. ${read}`,
      errors: { ...readErrors, not_found: notFound },
      content: describe({
        response: { schema: codec.response(), example: enabled },
        responseDescription: 'The webhook.',
        hasEtag: true,
      }),
    },
    updateWebhook: {
      summary: 'Update a webhook',
      description: `Changes the fields in the body. A webhook with a new URL is \`unverified\` until the URL accepts a test event, which is sent. ${write}`,
      errors: { ...writeErrors, invalid_input: urlError },
      content: describeChange(
        { ...changed, types: [] },
        {
          request: { schema: codec.updateInput(), example: { types: [] } },
          responseDescription: 'The updated webhook.',
        },
      ),
    },
    deleteWebhook: {
      summary: 'Delete a webhook',
      description: `Deletes the webhook. Events that it has not received are not sent. ${write}`,
      errors: writeErrors,
      content: describe({ responseDescription: 'No content.', acceptsIfMatch: true }),
    },
    enableWebhook: {
      summary: 'Enable a webhook',
      description: `Enables a disabled webhook. Deliveries go on after the last event that it received, if that is within the retention. If its URL is unverified, a test event is sent first. An enabled webhook stays unchanged. ${write}`,
      errors: writeErrors,
      content: describeChange(changed, { responseDescription: 'The enabled webhook.' }),
    },
    disableWebhook: {
      summary: 'Disable a webhook',
      description: `Sends nothing until the webhook is enabled again. A disabled webhook stays unchanged. ${write}`,
      errors: writeErrors,
      content: describeChange(
        {
          ...changed,
          status: 'disabled',
          disabledReason: 'caller',
          disabledTime: exampleUpdatedTime,
        },
        { responseDescription: 'The disabled webhook.' },
      ),
    },
    rotateWebhookSecret: {
      summary: 'Rotate the secret',
      description: `Creates a secret and returns it, once. The previous one signs too for \`overlapSeconds\`, by default one day, so receivers accept either. A webhook has at most two active secrets: 409, unless \`overlapSeconds\` is 0, which ends all others at once. ${write}`,
      errors: {
        ...writeErrors,
        secret_limit_reached: {
          text: 'the webhook already has two active secrets. Revoke the previous one, or set `overlapSeconds` to 0',
          example: new Failure(
            'secret_limit_reached',
            'The webhook already has two active secrets. Revoke the previous one, or set overlapSeconds to 0.',
          ),
        },
      },
      content: describeChange(changed, {
        request: { schema: rotateSecretInput(), example: { overlapSeconds: 3600 } },
        response: {
          schema: codec.secretResponse(),
          example: {
            ...changed,
            publicKeys: [
              { publicKey: nextPublicKey, expiresTime: null },
              { publicKey, expiresTime: '2026-02-01T10:30:00.000Z' },
            ],
            secret,
          },
        },
        responseDescription: 'The webhook with the new secret.',
      }),
    },
    revokeWebhookSecret: {
      summary: 'Revoke the previous secret',
      description: `Ends the overlap of a rotation: from the next request, only the current secret signs. Without a previous secret, nothing changes. ${write}`,
      errors: writeErrors,
      content: describeChange(changed, { responseDescription: 'The webhook.' }),
    },
    testWebhook: {
      summary: 'Send a test event',
      description: `Sends a signed event \`webhook.test\` once, within seconds. The delivery log has the outcome. An unverified webhook whose URL accepts the event is enabled. ${write}`,
      errors: {
        ...readErrors,
        not_found: notFound,
        invalid_transition: {
          text: 'the webhook is disabled',
          example: new Failure(
            'invalid_transition',
            'A disabled webhook receives no test event. Enable it first.',
            { details: { status: 'disabled', allowed: ['enable'] } },
          ),
        },
        too_many_requests: { limits: { webhook_tests: 'test events of the tenant in a minute' } },
      },
      content: describe({
        response: { schema: codec.testResponse(), example: { eventId } },
        responseDescription: 'The ID of the test event.',
      }),
    },
    replayWebhook: {
      summary: 'Send events again',
      description: `Sends events again, with their IDs. \`after\` goes back to a number and sends everything since, in order. \`from\` and \`to\` send up to 50 events beside the new ones; new events of the same resources wait for them. To repeat one event, set both to its number. ${write}`,
      errors: {
        ...writeErrors,
        invalid_input: {
          text: 'a field is missing or invalid. `details.field` names it. Events that have not been sent yet cannot be repeated',
        },
        replay_limit_reached: {},
        cursor_expired: {
          text: 'the first of the events is older than the retention. `details.oldest` is the number of the oldest event',
          example: new Failure(
            'cursor_expired',
            'The first of these events is older than the retention',
            { details: { oldest: 1207 } },
          ),
        },
      },
      content: describeChange(
        { ...changed, replayedTime: exampleUpdatedTime },
        {
          request: { schema: codec.replayInput(), example: { after: 41 } },
          responseDescription: 'The webhook. The events follow within seconds.',
        },
      ),
    },
    listWebhookDeliveries: {
      summary: 'List deliveries',
      description: `Returns the attempts of the last 30 days, newest first, one page at a time. Of a long run of successful ones, only the first are listed. ${read}`,
      errors: { ...readErrors, not_found: notFound },
      content: describe({
        query: codec.deliveryList.query(),
        response: {
          schema: codec.deliveryList.response(),
          example: codec.deliveryList.toResponse([delivery], undefined),
        },
        responseDescription: 'A page of attempts.',
      }),
    },
  },
};
