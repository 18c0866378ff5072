import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayResponse } from '../gateway/response.ts';
import { type GatewayRequest, getHeader } from '../gateway/request-event.ts';
import { isObject, parseObject } from '../fakes/json.ts';
import { jsonResponse, textResponse } from '../gateway/server.ts';
import { respondLive } from './live-page.ts';

/** Response of the receiver to each delivery. */
const behaviors = {
  accept: () => textResponse(204, ''),
  fail: () => textResponse(500, 'This receiver fails on request.\n'),
  busy: () => ({
    ...textResponse(429, 'This receiver is busy on request.\n'),
    headers: [['retry-after', '5']] as [string, string][],
  }),
  redirect: () => ({
    ...textResponse(302, ''),
    headers: [['location', '/_local/receiver']] as [string, string][],
  }),
  gone: () => textResponse(410, 'This receiver is gone on request.\n'),
  hang: async () => {
    await sleep(hangMs, undefined, { ref: false });
    return textResponse(204, '');
  },
} as const satisfies Record<string, () => GatewayResponse | Promise<GatewayResponse>>;

type Behavior = keyof typeof behaviors;

/** Longer than the time limit of a delivery. */
const hangMs = 20_000;
const maxDeliveries = 200;
const toleranceSeconds = 300;

interface Delivery {
  readonly receivedAt: string;
  readonly id: string;
  readonly type: unknown;
  readonly signature: 'valid' | 'invalid' | 'not checked';
  readonly response: Behavior;
  readonly body: unknown;
}

/** Sample receiver of webhooks, which verifies signatures and misbehaves on request. */
export interface Receiver {
  receive(request: GatewayRequest): GatewayResponse | Promise<GatewayResponse>;
  show(request: GatewayRequest): GatewayResponse;
  configure(body: Buffer): GatewayResponse;
  empty(): GatewayResponse;
}

export function createReceiver(): Receiver {
  const deliveries: Delivery[] = [];
  let secrets: readonly string[] = [];
  let behavior: Behavior = 'accept';
  const getSettings = () => ({ secretCount: secrets.length, behavior });

  return {
    receive(request) {
      const body = parseObject(request.body.toString());
      deliveries.unshift({
        receivedAt: new Date().toISOString(),
        id: getHeader(request, 'webhook-id') ?? '',
        type: body?.['type'],
        signature:
          secrets.length === 0
            ? 'not checked'
            : secrets.some((secret) => hasValidSignature(request, secret))
              ? 'valid'
              : 'invalid',
        response: behavior,
        body,
      });
      if (deliveries.length > maxDeliveries) deliveries.pop();
      return behaviors[behavior]();
    },

    show: (request) =>
      respondLive(request, {
        title: 'Webhook receiver',
        description: `Deliveries to /_local/receiver, newest first. The receiver is set to ${behavior}.`,
        columns: {
          Received: 'receivedAt',
          ID: 'id',
          Type: 'type',
          Signature: 'signature',
          Response: 'response',
        },
        name: 'deliveries',
        items: deliveries,
        details: { settings: getSettings() },
      }),

    configure(body) {
      const input = parseObject(body.toString());
      const { behavior: newBehavior = behavior, secret, ...unknownKeys } = input ?? {};
      const isValid =
        isObject(input) &&
        Object.keys(unknownKeys).length === 0 &&
        typeof newBehavior === 'string' &&
        Object.hasOwn(behaviors, newBehavior) &&
        (secret === undefined || (typeof secret === 'string' && /^wh(sec|pk)_/.test(secret)));
      if (!isValid)
        return textResponse(
          400,
          `Send {"secret"?, "behavior"?}: whsec_… or whpk_…, and one of ${Object.keys(behaviors).join(', ')}.\n`,
        );
      behavior = newBehavior as Behavior;
      if (typeof secret === 'string') secrets = [...secrets, secret];
      return jsonResponse(200, getSettings());
    },

    empty() {
      deliveries.length = 0;
      secrets = [];
      behavior = 'accept';
      return jsonResponse(200, { deliveries, settings: getSettings() });
    },
  };
}

/** DER encoding of an Ed25519 public key without its 32 bytes (RFC 8410). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Verifies a delivery with a secret or a public key (Standard Webhooks 1.0). */
function hasValidSignature(request: GatewayRequest, secret: string): boolean {
  const [id = '', timestamp = '', signatures = ''] = [
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
  ].map((name) => getHeader(request, name));
  // Also rejects a timestamp that is not a number.
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds)) return false;
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
  const key = Buffer.from(secret.replace(/^wh(sec|pk)_/, ''), 'base64');
  const isPublicKey = secret.startsWith('whpk_');
  const isValid = (signature: Buffer): boolean => {
    if (!isPublicKey) {
      const expected = createHmac('sha256', key).update(content).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    }
    const spki = { key: Buffer.concat([ed25519Prefix, key]), format: 'der', type: 'spki' } as const;
    return verify(null, content, createPublicKey(spki), signature);
  };
  const version = isPublicKey ? 'v1a' : 'v1';
  return signatures.split(' ').some((part) => {
    const [name, value = ''] = part.split(',');
    return name === version && isValid(Buffer.from(value, 'base64'));
  });
}
