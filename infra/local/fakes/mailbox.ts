import { randomBytes, randomUUID } from 'node:crypto';
import type { SendEmailRequest } from '@aws-sdk/client-sesv2';
import { type AwsResponse, awsError } from './aws-response.ts';

/** Mail that SES accepted. */
export interface Mail {
  readonly messageId: string;
  /** ISO 8601. */
  readonly time: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet: string | undefined;
}

/** Sent mails. They never leave this machine. */
export interface Mailbox {
  /** The last 500 mails, oldest first. */
  readonly mails: readonly Mail[];
  /** Deletes all mails. */
  empty(): void;
  /** Handles a `SendEmail` request. */
  sendEmail(input: SendEmailRequest): AwsResponse;
}

const maxMails = 500;

/** Characters that SES allows in names and values of tags. */
const tagPattern = /^[A-Za-z0-9_-]{1,256}$/;

const parseAddress = String.raw`[\w.!#$%&'*+/=?^\x60{|}~-]+@[a-z\d.-]+`;

/**
 * `ada@example.com` or `Ada <ada@example.com>`, in ASCII, because SES does not support SMTPUTF8.
 */
const addressPattern = new RegExp(
  `^(${parseAddress}|("[ !#-~]*"|[\\w .'=?+-]*) <${parseAddress}>)$`,
  'i',
);

export function createMailbox(): Mailbox {
  const mails: Mail[] = [];

  const sendEmail = (input: SendEmailRequest): AwsResponse => {
    const problem = findProblem(input);
    if (problem !== undefined) return awsError('BadRequestException', problem);
    const {
      FromEmailAddress = '',
      Destination = {},
      Content,
      EmailTags = [],
      ConfigurationSetName,
    } = input;
    const { Subject, Body } = Content?.Simple ?? {};
    const messageId = `0100${randomBytes(6).toString('hex')}-${randomUUID()}-000000`;
    mails.push({
      messageId,
      time: new Date().toISOString(),
      from: FromEmailAddress,
      to: listRecipients(Destination),
      subject: Subject?.Data ?? '',
      text: Body?.Text?.Data ?? '',
      html: Body?.Html?.Data ?? '',
      tags: Object.fromEntries(EmailTags.map(({ Name = '', Value = '' }) => [Name, Value])),
      configurationSet: ConfigurationSetName,
    });
    if (mails.length > maxMails) mails.shift();
    return { status: 200, body: { MessageId: messageId } };
  };

  return { mails, sendEmail, empty: () => void mails.splice(0) };
}

function findProblem({
  FromEmailAddress,
  Destination,
  Content,
  EmailTags = [],
}: SendEmailRequest): string | undefined {
  const addresses = [FromEmailAddress, ...listRecipients(Destination)];
  if (addresses.length < 2) return 'A mail needs a recipient.';
  const wrong = addresses.find((address) => !addressPattern.test(address ?? ''));
  if (wrong !== undefined || FromEmailAddress === undefined)
    return `Not an address: ${JSON.stringify(wrong)}.`;
  const { Subject, Body } = Content?.Simple ?? {};
  if (!Subject?.Data || !(Body?.Text?.Data || Body?.Html?.Data))
    return 'Only Content.Simple with a subject and a body is understood here.';
  const tag = EmailTags.find(
    ({ Name = '', Value = '' }) => !tagPattern.test(Name) || !tagPattern.test(Value),
  );
  return tag && `Not a tag: ${JSON.stringify(tag)}.`;
}

function listRecipients({
  ToAddresses = [],
  CcAddresses = [],
  BccAddresses = [],
}: SendEmailRequest['Destination'] = {}): string[] {
  return [...ToAddresses, ...CcAddresses, ...BccAddresses];
}
