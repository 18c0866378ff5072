import { createPrivateKey, verify, createPublicKey } from 'node:crypto';
import { Webhook as Receiver } from 'standardwebhooks';
import { expect, it } from 'vitest';
import {
  createSigningKeyDeriver,
  formatPublicKey,
  formatSecret,
} from '../../lib/domain/webhooks/secret.ts';
import { buildSignatureHeaders } from '../../lib/domain/webhooks/signature.ts';
import { selectLiveSecrets } from '../../lib/domain/webhooks/webhook.ts';
import { createKmsMacKeys } from '../../lib/aws/kms-mac-keys.ts';
import vectors from '../vectors/webhooks/signatures.json' with { type: 'json' };
import { aws } from '../support/service.ts';

const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex');
const toPrivateKey = (seed: Buffer) =>
  createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: 'der', type: 'pkcs8' });
const anyKey = Buffer.alloc(32, 7);

const decodeSecret = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64');

it('signs like the published libraries of Standard Webhooks [W27]', () => {
  for (const { id, timestamp, secret, body, signature } of vectors.v1.vectors) {
    const keys = { symmetricKey: decodeSecret(secret), privateKey: toPrivateKey(anyKey) };
    const headers = buildSignatureHeaders({ id, sentAtMs: timestamp * 1000 + 999, body }, [keys]);
    expect(headers).toMatchObject({ 'webhook-id': id, 'webhook-timestamp': String(timestamp) });
    expect(headers['webhook-signature'].split(' ')[0]).toBe(signature);
  }
  for (const { id, timestamp, seed, publicKey, body, signature } of vectors.v1a.vectors) {
    const privateKey = toPrivateKey(Buffer.from(seed, 'base64'));
    const keys = { symmetricKey: anyKey, privateKey };
    const headers = buildSignatureHeaders({ id, sentAtMs: timestamp * 1000, body }, [keys]);
    expect(headers['webhook-signature'].split(' ')[1]).toBe(signature);
    expect(formatPublicKey({ privateKey })).toBe(publicKey);
  }
});

async function createDeriver() {
  const keyIds = ['1', '2'];
  const kms = createKmsMacKeys(
    keyIds.map((id) => ({ id, key: `arn:aws:kms:local:000000000000:key/webhook-${id}` })),
    {
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      endpoint: (await aws()).environment.AWS_ENDPOINT_URL_KMS,
    },
  );
  const messages: string[] = [];
  const derive = createSigningKeyDeriver(
    {
      mac(keyId, message) {
        messages.push(message.toString());
        return kms.mac(keyId, message);
      },
    },
    () => 0,
  );
  return { derive, messages };
}

it('derives separate keys for each webhook and generation, with one MAC each', async () => {
  const { derive, messages } = await createDeriver();
  const webhook = { tenantId: 't1', webhookId: 'w1' };
  const inputs = [
    [webhook, { generation: 1, keyId: '1' }],
    [webhook, { generation: 2, keyId: '1' }],
    [webhook, { generation: 1, keyId: '2' }],
    [
      { ...webhook, webhookId: 'w2' },
      { generation: 1, keyId: '1' },
    ],
    [
      { ...webhook, tenantId: 't2' },
      { generation: 1, keyId: '1' },
    ],
  ] as const;

  const derived = await Promise.all(
    [...inputs, ...inputs].map(([ref, generation]) => derive(ref, generation)),
  );

  expect(messages).toHaveLength(inputs.length);
  expect(new Set(derived.map(formatSecret)).size).toBe(inputs.length);
  expect(new Set(derived.map(formatPublicKey)).size).toBe(inputs.length);
  for (const keys of derived) {
    expect(decodeSecret(formatSecret(keys))).toHaveLength(32);
    const seed = keys.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    expect(seed.equals(keys.symmetricKey)).toBe(false);
  }
});

it('signs with each generation during a rotation, and verifies with either secret [W23]', async () => {
  const { derive } = await createDeriver();
  const webhook = { tenantId: 't1', webhookId: 'w1' };
  const current = { generation: 2, keyId: '1', publicKey: 'whpk_' };
  const secrets = [current, { ...current, generation: 1, expiresAt: '2026-12-01T00:00:00.000Z' }];
  expect(selectLiveSecrets({ secrets }, '2026-12-01T00:00:00.000Z')).toEqual([current]);
  const live = selectLiveSecrets({ secrets }, '2026-11-30T23:59:59.999Z');
  expect(live).toEqual(secrets);
  const generations = await Promise.all(live.map((generation) => derive(webhook, generation)));
  const body = '{"type":"user.created"}';
  const headers = buildSignatureHeaders({ id: 'event', sentAtMs: Date.now(), body }, generations);

  for (const keys of generations)
    expect(new Receiver(formatSecret(keys)).verify(body, headers)).toEqual(JSON.parse(body));
  const other = await derive(webhook, { generation: 3, keyId: '1' });
  expect(() => new Receiver(formatSecret(other)).verify(body, headers)).toThrow('No matching');
  expect(() => new Receiver(formatSecret(other)).verify(`${body} `, headers)).toThrow();
  const content = Buffer.from(`event.${headers['webhook-timestamp']}.${body}`);
  const [, latest = '', , earlier = ''] = headers['webhook-signature']
    .split(' ')
    .map((signature) => signature.replace(/^v1a?,/, ''));
  for (const [index, signature] of [latest, earlier].entries()) {
    const publicKey = createPublicKey(generations[index]!.privateKey);
    expect(verify(null, content, publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  }
});
