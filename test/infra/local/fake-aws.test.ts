import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventBridgeClient,
  type PutEventsRequestEntry,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { GenerateMacCommand, KMSClient, VerifyMacCommand } from '@aws-sdk/client-kms';
import { SendEmailCommand, type SendEmailRequest, SESv2Client } from '@aws-sdk/client-sesv2';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startFakeAws } from '../../../infra/local/fakes/fake-aws.ts';
import {
  createFaultProxy,
  always,
  hangRequest,
  dropRequest,
  dropResponse,
} from '../../support/faults/fault-proxy.ts';
import {
  failMail,
  returnMalformed,
  rejectMail,
  suspendSending,
  throttleMail,
} from '../../support/faults/mail-faults.ts';

// The fakes of SES, KMS and EventBridge, called through the SDK.

const folder = mkdtempSync(join(tmpdir(), 'roster-aws-'));
const aws = await startFakeAws();
const once = { maxAttempts: 1 };
const ses = new SESv2Client({ ...once, endpoint: aws.endpoint });
const kms = new KMSClient({ ...once, endpoint: aws.endpoint });
const eventBridge = new EventBridgeClient({ ...once, endpoint: aws.endpoint });

afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

const newMail = {
  FromEmailAddress: 'Acme <no-reply@acme.example>',
  Destination: { ToAddresses: ['ada@example.com'] },
  Content: {
    Simple: {
      Subject: { Data: 'Grüße' },
      Body: { Text: { Data: 'Hello' }, Html: { Data: '<p>Hello' } },
    },
  },
  EmailTags: [{ Name: 'tenant', Value: 'acme-1' }],
  ConfigurationSetName: 'Mails',
} satisfies SendEmailRequest;

describe('SES', () => {
  const send = (changes: Partial<SendEmailRequest> = {}, client = ses) =>
    client.send(new SendEmailCommand({ ...newMail, ...changes }));
  beforeEach(() => aws.mailbox.empty());

  test('stores a mail', async () => {
    const { MessageId } = await send();
    expect(aws.mailbox.mails).toEqual([
      {
        messageId: MessageId,
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        from: 'Acme <no-reply@acme.example>',
        to: ['ada@example.com'],
        subject: 'Grüße',
        text: 'Hello',
        html: '<p>Hello',
        tags: { tenant: 'acme-1' },
        configurationSet: 'Mails',
      },
    ]);
  });

  test.each([
    "o'hara+x@xn--gre-eka.example",
    '"Acme, Inc." <no-reply@acme.example>',
    '=?utf-8?q?Gr=C3=BC=C3=9Fe?= <a@b.example>',
  ])('accepts the address %s', async (FromEmailAddress) => {
    await send({ FromEmailAddress });
    expect(aws.mailbox.mails).toMatchObject([{ from: FromEmailAddress }]);
  });

  test('stores the last 500 mails', async () => {
    for (let n = 0; n < 502; n++)
      aws.mailbox.sendEmail({ ...newMail, FromEmailAddress: `${n}@acme.example` });
    const { mails } = aws.mailbox;
    expect([mails.length, mails[0]?.from, mails.at(-1)?.from]).toEqual([
      500,
      '2@acme.example',
      '501@acme.example',
    ]);
  });

  test.each<[string, Partial<SendEmailRequest>]>([
    ['without a recipient', { Destination: {} }],
    ['without a sender', { FromEmailAddress: undefined }],
    ['to an invalid address', { Destination: { ToAddresses: ['ada lovelace@example.com'] } }],
    [
      'to more than one address at once',
      { Destination: { ToAddresses: ['ada@example.com,eve@example.com'] } },
    ],
    ['to an incomplete address', { Destination: { ToAddresses: ['ada@example.com>'] } }],
    ['to a name that is not ASCII', { Destination: { ToAddresses: ['grüße@example.com'] } }],
    ['to a domain that is not ASCII', { Destination: { ToAddresses: ['ada@grüße.example'] } }],
    ['from a name that is not ASCII', { FromEmailAddress: 'Grüße <ada@example.com>' }],
    ['from two senders', { FromEmailAddress: 'Ada, Grace <ada@example.com>' }],
    [
      'with a header injected into its address',
      { FromEmailAddress: 'a@example.com\r\nBcc: eve@example.com' },
    ],
    ['without text', { Content: { Simple: { Subject: { Data: 'x' }, Body: {} } } }],
    ['with a colon in a tag', { EmailTags: [{ Name: 'user', Value: 'cradl:user:1' }] }],
  ])('rejects a mail %s', async (_, changes) => {
    await expect(send(changes)).rejects.toMatchObject({ name: 'BadRequestException' });
    expect(aws.mailbox.mails).toEqual([]);
  });

  test.each([
    ['throttled', throttleMail, 'TooManyRequestsException', 0],
    ['rejected', rejectMail, 'MessageRejected', 0],
    ['rejected as malformed', returnMalformed, 'BadRequestException', 0],
    ['rejected because the account is paused', suspendSending, 'AccountSuspendedException', 0],
    ['rejected with an internal error', failMail, 'InternalServiceErrorException', 0],
    ['lost', dropRequest, 'TimeoutError', 0],
    ['sent without a response', dropResponse, 'TimeoutError', 1],
    ['never responded to', hangRequest, 'AbortError', 0],
  ])('can inject a fault: a mail is %s', async (_, fault, name, kept) => {
    const way = await createFaultProxy(aws.endpoint);
    const client = new SESv2Client({ ...once, endpoint: way.endpoint });
    way.goesWrong(always(fault));
    const options = fault === hangRequest ? { abortSignal: AbortSignal.timeout(100) } : {};
    const sent = client.send(new SendEmailCommand(newMail), options);
    await expect(sent).rejects.toMatchObject({ name });
    expect(aws.mailbox.mails).toHaveLength(kept);
    way.isWell();
    await send({}, client);
    expect(aws.mailbox.mails).toHaveLength(kept + 1);
  });
});

describe('KMS', () => {
  const subject = {
    KeyId: 'arn:aws:kms:local:000000000000:key/Links',
    MacAlgorithm: 'HMAC_SHA_256',
    Message: Buffer.from('hello'),
  } as const;
  const mac = async (changes = {}, client = kms) =>
    (await client.send(new GenerateMacCommand({ ...subject, ...changes }))).Mac;

  test('verifies its own MACs, by key ARN and by key ID', async () => {
    const Mac = await mac();
    for (const KeyId of [subject.KeyId, 'Links']) {
      expect(await kms.send(new VerifyMacCommand({ ...subject, KeyId, Mac }))).toMatchObject({
        MacValid: true,
        KeyId: subject.KeyId,
      });
    }
  });

  test.each([
    ['another key', { KeyId: 'Other' }],
    ['another message', { Message: Buffer.from('hell') }],
    ['a truncated MAC', { Mac: Buffer.alloc(31) }],
    ['another MAC', { Mac: Buffer.alloc(32) }],
  ])('rejects %s', async (_, changes) => {
    const input = { ...subject, Mac: await mac(), ...changes };
    await expect(kms.send(new VerifyMacCommand(input))).rejects.toMatchObject({
      name: 'KMSInvalidMacException',
    });
  });

  test('accepts messages of 1 to 4096 bytes', async () => {
    expect(await mac({ Message: Buffer.alloc(4096) })).toHaveLength(32);
    for (const size of [0, 4097])
      await expect(mac({ Message: Buffer.alloc(size) })).rejects.toMatchObject({
        name: 'ValidationException',
      });
  });

  test('has new keys at each start, unless a private file stores them', async () => {
    const linkKeyFile = join(folder, 'link-key');
    const macs = [];
    const modes = [];
    for (const options of [{ linkKeyFile: undefined }, { linkKeyFile }, { linkKeyFile }]) {
      const again = await startFakeAws(options);
      macs.push(await mac({}, new KMSClient({ ...once, endpoint: again.endpoint })));
      await again.close();
      if (options.linkKeyFile === undefined) continue;
      modes.push(statSync(linkKeyFile).mode & 0o777);
      chmodSync(linkKeyFile, 0o644);
    }
    expect(macs[1]).toEqual(macs[2]);
    expect(macs[0]).not.toEqual(macs[1]);
    expect(modes).toEqual([0o600, 0o600]);
  });
});

describe('EventBridge', () => {
  const put = (...Entries: PutEventsRequestEntry[]) =>
    eventBridge.send(new PutEventsCommand({ Entries }));
  const newEvent = {
    Source: 'roster',
    DetailType: 'User Invited',
    Detail: '{"userId":"1"}',
    EventBusName: 'Bus',
  };

  test('puts an event on its bus, in the format that functions receive', async () => {
    const { FailedEntryCount, Entries } = await put({
      ...newEvent,
      Resources: ['r'],
      Time: new Date('2026-01-02T03:04:05.678Z'),
    });
    expect([FailedEntryCount, Entries]).toEqual([0, [{ EventId: expect.any(String) }]]);
    expect(aws.events.at(-1)).toEqual({
      bus: 'Bus',
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'User Invited',
      source: 'roster',
      account: '000000000000',
      time: '2026-01-02T03:04:05Z',
      region: 'local',
      resources: ['r'],
      detail: { userId: '1' },
    });
  });

  test('accepts the ARN of a bus, and uses the default bus without a name', async () => {
    await put(
      { ...newEvent, EventBusName: 'arn:aws:events:local:000000000000:event-bus/Bus' },
      { ...newEvent, EventBusName: undefined },
    );
    expect(aws.events.slice(-2).map(({ bus }) => bus)).toEqual(['Bus', 'default']);
  });

  test('reports each entry separately', async () => {
    const before = aws.events.length;
    const { FailedEntryCount, Entries } = await put(
      newEvent,
      { ...newEvent, Detail: '[]' },
      { ...newEvent, Source: '' },
      { ...newEvent, Source: 'aws.ses' },
    );
    expect([FailedEntryCount, Entries?.map(({ ErrorCode }) => ErrorCode)]).toEqual([
      3,
      [undefined, 'MalformedDetail', 'InvalidArgument', 'NotAuthorizedForSourceException'],
    ]);
    expect(aws.events).toHaveLength(before + 1);
  });

  test('rejects more than ten entries', async () => {
    await expect(put(...Array.from({ length: 11 }, () => newEvent))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

test('rejects unknown operations and requests of browsers', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(aws.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'TrentService.GenerateMac', ...headers },
      body: '{}',
    });
  expect(await (await ask({ 'x-amz-target': 'TrentService.Decrypt' })).text()).toContain(
    'UnknownOperationException',
  );
  expect(await (await ask({ origin: 'https://evil.example' })).text()).toContain(
    'AccessDeniedException',
  );
});
