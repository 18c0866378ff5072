import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, expect, test } from 'vitest';
import { createSdkClient } from '../../lib/aws/sdk-client.ts';

interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: ReceivedRequest[] = [];
const read = async (incoming: IncomingMessage): Promise<string> =>
  Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString();
const server = createServer((incoming, outgoing) => {
  const { method = '', url: path = '', headers } = incoming;
  void read(incoming).then((body) => {
    received.push({ method, path, headers, body });
    outgoing.setHeader('content-type', 'application/json').end('{}');
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());

const secretAccessKey = 'secret';
const config = {
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'eu-north-1',
  credentials: { accessKeyId: 'id', secretAccessKey },
};

const clients = {
  dynamodb: () =>
    createSdkClient(DynamoDBClient, config).send(new DescribeTableCommand({ TableName: 'users' })),
  kms: () => createSdkClient(KMSClient, config).send(new DescribeKeyCommand({ KeyId: 'key' })),
  events: () =>
    createSdkClient(EventBridgeClient, config).send(new PutEventsCommand({ Entries: [] })),
  ses: () => createSdkClient(SESv2Client, config).send(new GetAccountCommand()),
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** Signature of a request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function computeSignature(
  { method, path, headers, body }: ReceivedRequest,
  { scope, signedHeaders }: { readonly scope: string; readonly signedHeaders: string },
): string {
  const canonicalHeaders = signedHeaders
    .split(';')
    .map((name) => `${name}:${String(headers[name])}\n`);
  const canonicalRequest = [
    method,
    path,
    '',
    canonicalHeaders.join(''),
    signedHeaders,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonicalRequest)];
  const signingKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(signingKey, text.join('\n')).toString('hex');
}

test.each(Object.entries(clients))(
  'signs a request to %s, without the headers of removed middleware',
  async (service, send) => {
    received.length = 0;
    await send();

    const [request] = received;
    expect(received).toHaveLength(1);
    if (!request) return;
    const { authorization = '', ...headers } = request.headers;
    const [, scope = '', signedHeaders = '', signature] =
      /^AWS4-HMAC-SHA256 Credential=id\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(
        authorization,
      ) ?? [];
    expect(scope).toMatch(new RegExp(`^\\d{8}/eu-north-1/${service}/aws4_request$`));
    expect(signedHeaders.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-date']));
    expect(signature).toBe(computeSignature(request, { scope, signedHeaders }));
    expect(Object.keys(headers)).not.toContain('user-agent');
    expect(Object.keys(headers)).not.toContain('x-amz-user-agent');
  },
);

type ClientConstructor = new (
  settings: object,
) => Pick<DynamoDBClient, 'middlewareStack' | 'config'>;

const listMiddleware = ({ middlewareStack }: Pick<DynamoDBClient, 'middlewareStack'>): string[] =>
  middlewareStack.identify().map((description) => description.split(' ', 1)[0] ?? '');

test.each([DynamoDBClient, EventBridgeClient, KMSClient, SESv2Client] as const)(
  'removes only middleware without effect from %o',
  (Client) => {
    const Constructor = Client as unknown as ClientConstructor;
    const remaining = listMiddleware(createSdkClient(Constructor, config));

    const removed = listMiddleware(new Constructor(config)).filter(
      (name) => !remaining.includes(name),
    );
    expect(removed.toSorted()).toEqual([
      'getUserAgentMiddleware',
      'loggerMiddleware',
      'recursionDetectionMiddleware',
    ]);
  },
);

test('rejects an SDK that has renamed a middleware to remove', () => {
  class RenamedClient extends KMSClient {
    constructor(settings: typeof config) {
      super(settings);
      this.middlewareStack.remove('recursionDetectionMiddleware');
    }
  }

  expect(() => createSdkClient(RenamedClient, config)).toThrow(/recursionDetectionMiddleware/);
});
