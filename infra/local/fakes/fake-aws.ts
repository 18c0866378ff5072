import { randomBytes } from 'node:crypto';
import type { GatewayAnswer } from '../gateway/response.ts';
import { type AwsAnswer, refused } from './aws-response.ts';
import { type Bus, type BusEvent, createBus } from '../events/bus.ts';
import { type GatewayRequest, headerOf } from '../gateway/request-event.ts';
import { keptSecret } from './secret-file.ts';
import { createKms } from './kms.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { listen } from '../gateway/server.ts';

/** The services of AWS, besides DynamoDB, that functions speak to: SES, KMS and EventBridge, as far as they are used. */
export interface AwsStandIn {
  readonly endpoint: string;
  /** What the SDK has to be told to come here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mailbox: Mailbox;
  readonly bus: Bus;
  /** What has been on the buses; the newest last. */
  readonly events: readonly BusEvent[];
  close(): Promise<void>;
}

/** Listens on a port of its own, for the AWS SDK alone. What is signed here, links and tokens, stays good for as long as `linkKeyFile`, made when it is not there. */
export async function startAwsStandIn({
  linkKeyFile,
}: {
  linkKeyFile?: string | undefined;
} = {}): Promise<AwsStandIn> {
  const mailbox = createMailbox();
  const bus = createBus();
  const kms = createKms(keptSecret(linkKeyFile, () => randomBytes(32).toString('base64url')));
  const operations: Operations = {
    'POST /v2/email/outbound-emails': mailbox.sendEmail,
    'AWSEvents.PutEvents': bus.putEvents,
    ...Object.fromEntries(
      Object.entries(kms).map(([name, operation]) => [`TrentService.${name}`, operation]),
    ),
  };

  const server = await listen(0);
  server.respondWith([(request) => toHttp(perform(request, operations))]);
  const endpoint = `http://127.0.0.1:${server.port}`;
  const environment = Object.fromEntries(
    ['SESV2', 'KMS', 'EVENTBRIDGE'].map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint]),
  );
  return { endpoint, environment, mailbox, bus, events: bus.events, close: server.close };
}

/** By what a request names: the header `x-amz-target`, or method and path. */
type Operations = Readonly<Record<string, (input: never) => AwsAnswer>>;

function perform(request: GatewayRequest, operations: Operations): AwsAnswer {
  // The SDK is no page in a browser.
  if (headerOf(request, 'origin') !== undefined)
    return refused('AccessDeniedException', 'Not for pages.');
  const operation = headerOf(request, 'x-amz-target') ?? `${request.method} ${request.target}`;
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined)
    return refused('UnknownOperationException', `${operation} is not known here.`);
  try {
    return run(JSON.parse(request.body.toString()) as never);
  } catch (error) {
    return refused('SerializationException', String(error));
  }
}

function toHttp({ status, body }: AwsAnswer): GatewayAnswer {
  return {
    status,
    headers: [['content-type', 'application/x-amz-json-1.1']],
    body: Buffer.from(JSON.stringify(body)),
  };
}
