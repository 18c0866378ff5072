import { randomBytes, randomUUID } from 'node:crypto';
import type { SendEmailRequest } from '@aws-sdk/client-sesv2';
import { type AwsAnswer, refused } from './aws-response.ts';

/** A mail that was handed to SES. */
export interface Mail {
  readonly messageId: string;
  /** When it was taken, ISO 8601. */
  readonly time: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet: string | undefined;
}

/** What has been sent from this machine: it leaves it for nowhere else. */
export interface Mailbox {
  /** The last 500, the newest last. */
  readonly mails: readonly Mail[];
  /** Throws them away. */
  empty(): void;
  /** What SES makes of a `SendEmail`. */
  sendEmail(input: SendEmailRequest): AwsAnswer;
}

const kept = 500;

/** What SES takes in the name and in the value of a tag. */
const tagPattern = /^[A-Za-z0-9_-]{1,256}$/;

const address = String.raw`[\w.!#$%&'*+/=?^\x60{|}~-]+@[a-z\d.-]+`;

/** `ada@example.com` or `Ada <ada@example.com>`, all of it in ASCII: SES does not speak SMTPUTF8. */
const addressPattern = new RegExp(`^(${address}|("[ !#-~]*"|[\\w .'=?+-]*) <${address}>)$`, 'i');

export function createMailbox(): Mailbox {
  const mails: Mail[] = [];

  const sendEmail = (input: SendEmailRequest): AwsAnswer => {
    const problem = findProblem(input);
    if (problem !== undefined) return refused('BadRequestException', problem);
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
      to: recipients(Destination),
      subject: Subject?.Data ?? '',
      text: Body?.Text?.Data ?? '',
      html: Body?.Html?.Data ?? '',
      tags: Object.fromEntries(EmailTags.map(({ Name = '', Value = '' }) => [Name, Value])),
      configurationSet: ConfigurationSetName,
    });
    if (mails.length > kept) mails.shift();
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
  const addresses = [FromEmailAddress, ...recipients(Destination)];
  if (addresses.length < 2) return 'A mail needs somebody to go to.';
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

function recipients({
  ToAddresses = [],
  CcAddresses = [],
  BccAddresses = [],
}: SendEmailRequest['Destination'] = {}): string[] {
  return [...ToAddresses, ...CcAddresses, ...BccAddresses];
}
