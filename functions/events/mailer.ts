import { createMailerDeps } from '../../lib/deps/events/mailer-deps.ts';
import { createMailer } from '../../lib/events/mailer.ts';

/** Sends mails, records their delivery, and publishes events. The only function that can call SES. */
export const handler = createMailer(createMailerDeps(process.env));
