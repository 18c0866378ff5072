import { createMailerDeps } from '../lib/deps/mailer-deps.ts';
import { createMailer } from '../lib/events/mailer.ts';

export const handler = createMailer(createMailerDeps(process.env));
