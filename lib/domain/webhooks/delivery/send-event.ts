import { type EventFormat, type SentEvent, toCloudEvent } from '../../feed/cloud-event.ts';
import type { DeriveSigningKeys } from '../secret.ts';
import { buildSignatureHeaders } from '../signature.ts';
import { selectLiveSecrets, type Webhook } from '../webhook.ts';
import type { SendResult, WebhookSender } from '../webhook-sender.ts';

export interface SendDependencies {
  readonly now: () => Date;
  readonly deriveSigningKeys: DeriveSigningKeys;
  readonly format: EventFormat;
}

/**
 * Sends an event once, signed with the keys of this time, so an attempt after a rotation verifies.
 * Throws `unavailable` without the keys.
 */
export async function sendEvent(
  webhook: Webhook,
  event: SentEvent,
  { now, sender, deriveSigningKeys, format }: SendDependencies & { readonly sender: WebhookSender },
): Promise<SendResult> {
  const sentAt = now();
  const keys = await Promise.all(
    selectLiveSecrets(webhook, sentAt.toISOString()).map((secret) =>
      deriveSigningKeys(webhook, secret),
    ),
  );
  const body = JSON.stringify(toCloudEvent(webhook.tenantId, event, format));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Roster-Webhooks/1',
    ...buildSignatureHeaders({ id: event.id, sentAtMs: sentAt.getTime(), body }, keys),
  };
  return sender.send({ url: webhook.url, headers, body });
}
