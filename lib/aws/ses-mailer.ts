import { SESv2Client, type SESv2ClientConfig, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Mailer, MailOutcome } from '../domain/mail/mail.ts';

/** For all of it. The SDK's own limit is for the first byte of the answer, and the rest could take for ever. Milliseconds. */
const sendTimeoutMs = 12_000;

/** Mails by SES, each asked for once: it has no way to be asked twice for the same. */
export function createSesMailer(
  configurationSet: string | undefined,
  config: SESv2ClientConfig,
): Mailer {
  const client = new SESv2Client({ ...config, maxAttempts: 1 });
  const text = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    async send({ from, to, subject, text: plain, html, tags }) {
      const command = new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: { Subject: text(subject), Body: { Text: text(plain), Html: text(html) } },
        },
        EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
        ConfigurationSetName: configurationSet,
      });
      try {
        const { MessageId = '' } = await client.send(command, {
          abortSignal: AbortSignal.timeout(sendTimeoutMs),
        });
        return { messageId: MessageId };
      } catch (error) {
        return toMailOutcome(error);
      }
    },
  };
}

/** Errors of SES and of its API that mean too many mails or requests at a time, or in a day. */
const throttles = new Set([
  'TooManyRequestsException',
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'RequestThrottledException',
  'RequestLimitExceeded',
]);

/** An answer that is none: whatever SES says no to has not gone out. Without an answer it is not known. */
function toMailOutcome(error: unknown): MailOutcome {
  const { name, message, syscall, $metadata } = error as Error & {
    syscall?: string;
    $metadata?: { httpStatusCode?: number };
  };
  // What is wrong with this one mail stays wrong with it: an address that SES cannot write to.
  if (name === 'BadRequestException') return { rejected: 'permanent', reason: name };
  if (throttles.has(name) || $metadata?.httpStatusCode === 429) {
    return {
      throttled:
        name === 'LimitExceededException' || /daily|quota/i.test(message) ? 'quota' : 'rate',
      reason: name,
    };
  }
  if (($metadata?.httpStatusCode ?? 0) >= 400) return { rejected: 'temporary', reason: name };
  const neverConnected =
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    // None of the addresses that a name has.
    error instanceof AggregateError ||
    /did not establish a connection/.test(message);
  return neverConnected ? { rejected: 'temporary', reason: 'unreachable' } : { unknown: name };
}
