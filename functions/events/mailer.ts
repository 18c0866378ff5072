import { createMailerDeps } from '../../lib/deps/events/mailer-deps.ts';
import { createMailer } from '../../lib/events/mailer.ts';

/** Sends mails and records their delivery. The only function that can call SES. */
export const handler = createMailer(createMailerDeps(process.env));
