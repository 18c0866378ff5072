import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetAccountCommand, ListTagsForResourceCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, expect, test } from 'vitest';
import { createHttpHandler } from '../../lib/aws/http-handler.ts';
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
/** Listens on a free port until the end of the file. */
const listen = async (target: Server): Promise<string> => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  afterAll(() => target.close());
  return `127.0.0.1:${(target.address() as AddressInfo).port}`;
};

const secretAccessKey = 'secret';
const config = {
  endpoint: `http://${await listen(server)}`,
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
    constructor(settings: object) {
      super(settings);
      this.middlewareStack.remove('recursionDetectionMiddleware');
    }
  }

  expect(() => createSdkClient(RenamedClient, config)).toThrow(/recursionDetectionMiddleware/);
});

const describeTable = new DescribeTableCommand({ TableName: 'users' });

/** Sends headers and a part of the body, and reports the end of each connection. */
const closed = Promise.withResolvers<void>();
const stalling = createServer((incoming, outgoing) => {
  incoming.on('close', () => closed.resolve());
  outgoing.writeHead(200, { 'content-length': 2 }).write('{');
});
const stallingHost = await listen(stalling);

test('limits the time until the end of a response', async () => {
  const handler = createHttpHandler({ connectionTimeout: 1000, requestTimeout: 50 });
  const { hostname, port } = new URL(`http://${stallingHost}`);
  const request = { hostname, port: Number(port), method: 'POST', path: '/', headers: {} };

  await expect(handler.handle({ ...request, protocol: 'http:' })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  await closed.promise;
});

test('stops a request when its signal aborts, without another attempt', async () => {
  const client = createSdkClient(DynamoDBClient, { ...config, endpoint: `http://${stallingHost}` });
  const controller = new AbortController();
  stalling.once('request', () => controller.abort());

  await expect(
    client.send(describeTable, { abortSignal: controller.signal }),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

test('uses TLS for an https endpoint', async () => {
  const firstByte = Promise.withResolvers<number | undefined>();
  const plain = createTcpServer((socket) => {
    socket.once('data', ([byte]) => {
      firstByte.resolve(byte);
      socket.destroy();
    });
  });
  const settings = { ...config, endpoint: `https://${await listen(plain)}`, maxAttempts: 1 };

  await expect(createSdkClient(DynamoDBClient, settings).send(describeTable)).rejects.toThrow();
  // RFC 8446 §5.1: a handshake record.
  expect(await firstByte.promise).toBe(22);
});

test('rejects a command with query parameters, which no function sends', async () => {
  const command = new ListTagsForResourceCommand({ ResourceArn: 'arn' });

  await expect(createSdkClient(SESv2Client, config).send(command)).rejects.toThrow(
    'The HTTP client sends no query parameters',
  );
});
