import { rotateSecretInput } from '../app-clients/native.ts';
import type { DialectsServing } from '../routes.ts';
import { nativeWebhook } from './native.ts';

export type WebhookOperation =
  | 'createWebhook'
  | 'listWebhooks'
  | 'getWebhook'
  | 'updateWebhook'
  | 'deleteWebhook'
  | 'enableWebhook'
  | 'disableWebhook'
  | 'rotateWebhookSecret'
  | 'revokeWebhookSecret'
  | 'testWebhook'
  | 'replayWebhook'
  | 'listWebhookDeliveries';

/** Codecs of every dialect that routes.ts lists for a webhook operation. */
export const webhookCodecs = {
  native: { ...nativeWebhook, rotateInput: rotateSecretInput },
} satisfies Record<DialectsServing<WebhookOperation>, object>;
