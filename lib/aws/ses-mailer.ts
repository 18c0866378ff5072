import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Mailer, MailOutcome } from '../domain/mail/mail.ts';
import { createSdkClient, type SdkConfig } from './sdk-client.ts';

/** Includes the whole response. The SDK's own timeout ends at its first byte. */
const sendTimeoutMs = 12_000;

/** Sends mails with SES. Never repeats a request, because SES cannot detect duplicates. */
export function createSesMailer(
  configurationSet: string | undefined,
  config: SdkConfig,
): Pick<Mailer, 'send'> {
  const client = createSdkClient(SESv2Client, { ...config, maxAttempts: 1 });
  const toContent = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    async send({ from, to, subject, text, html, tags }) {
      const command = new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [to] },
        Content: {
          Simple: {
            Subject: toContent(subject),
            Body: { Text: toContent(text), Html: toContent(html) },
          },
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

/** Errors for exceeded rates and quotas. */
const throttles = new Set([
  'TooManyRequestsException',
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'RequestThrottledException',
  'RequestLimitExceeded',
]);

/** A mail that SES rejects is not sent. Without a response, the outcome is unknown. */
function toMailOutcome(error: unknown): MailOutcome {
  const { name, message, syscall, $metadata } = error as Error & {
    syscall?: string;
    $metadata?: { httpStatusCode?: number };
  };
  // The mail itself is invalid, for example its address.
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
    // No address of the host accepted a connection.
    error instanceof AggregateError ||
    /did not establish a connection/.test(message);
  return neverConnected ? { rejected: 'temporary', reason: 'unreachable' } : { unknown: name };
}
