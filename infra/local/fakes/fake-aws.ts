import { randomBytes } from 'node:crypto';
import type { GatewayResponse } from '../gateway/response.ts';
import { type ArchiveFake, archivePath, createArchive } from './archive.ts';
import { type AwsResponse, awsError } from './aws-response.ts';
import { type Bus, type BusEvent, createBus } from '../events/bus.ts';
import { type GatewayRequest, getHeader } from '../gateway/request-event.ts';
import { loadOrCreateSecret } from './secret-file.ts';
import { createKms } from './kms.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { listen } from '../gateway/server.ts';

/** Fakes of SES, KMS, EventBridge and S3 with the operations that the functions use. */
export interface FakeAws {
  readonly endpoint: string;
  /** Variables that point the SDK at the fakes. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mailbox: Mailbox;
  readonly bus: Bus;
  /** Events of all buses, oldest first. */
  readonly events: readonly BusEvent[];
  readonly archive: ArchiveFake;
  close(): Promise<void>;
}

/**
 * Starts the fakes on a free port. Signatures of links and tokens derive from the secret in
 * `linkKeyFile`, which is created if missing. The archive is in `archiveFolder`, or in memory.
 */
export async function startFakeAws({
  linkKeyFile,
  archiveFolder,
}: {
  linkKeyFile?: string | undefined;
  archiveFolder?: string | undefined;
} = {}): Promise<FakeAws> {
  const mailbox = createMailbox();
  const bus = createBus();
  const archive = createArchive(archiveFolder);
  const kms = createKms(
    loadOrCreateSecret(linkKeyFile, () => randomBytes(32).toString('base64url')),
  );
  const operations: Operations = {
    'POST /v2/email/outbound-emails': mailbox.sendEmail,
    'AWSEvents.PutEvents': bus.putEvents,
    ...Object.fromEntries(
      Object.entries(kms).map(([name, operation]) => [`TrentService.${name}`, operation]),
    ),
  };

  const server = await listen(0);
  server.respondWith([archive.respond, (request) => toHttp(perform(request, operations))]);
  const endpoint = `http://127.0.0.1:${server.port}`;
  const environment = {
    ...Object.fromEntries(
      ['SESV2', 'KMS', 'EVENTBRIDGE'].map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint]),
    ),
    ARCHIVE_URL: `${endpoint}${archivePath}`,
  };
  return { endpoint, environment, mailbox, bus, events: bus.events, archive, close: server.close };
}

/** Finds the operation by the header `x-amz-target` or by method and path. */
type Operations = Readonly<Record<string, (input: never) => AwsResponse>>;

function perform(request: GatewayRequest, operations: Operations): AwsResponse {
  // Only browsers send `Origin`.
  if (getHeader(request, 'origin') !== undefined)
    return awsError('AccessDeniedException', 'Browsers cannot call the fakes.');
  const operation = getHeader(request, 'x-amz-target') ?? `${request.method} ${request.target}`;
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined)
    return awsError('UnknownOperationException', `${operation} is not supported.`);
  try {
    return run(JSON.parse(request.body.toString()) as never);
  } catch (error) {
    return awsError('SerializationException', String(error));
  }
}

function toHttp({ status, body }: AwsResponse): GatewayResponse {
  return {
    status,
    headers: [['content-type', 'application/x-amz-json-1.1']],
    body: Buffer.from(JSON.stringify(body)),
  };
}
