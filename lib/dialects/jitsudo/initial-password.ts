import * as z from 'zod';
import type { AcceptanceWire } from '../acceptance-wire.ts';
import { linkToken, password } from '../fields.ts';
import { linkFailures } from './link-failures.ts';

/** JITSudo, POST /v1/auth/set-initial-password (jitsudo-docs, operation setInitialPassword). */
export const initialPassword: AcceptanceWire = {
  request: z.object({ token: linkToken, password }).meta({ id: 'JitsudoInitialPassword' }),
  answer: z.strictObject({ message: z.string() }).meta({ id: 'JitsudoInitialPasswordSet' }),
  view: () => ({ body: { message: 'Password set' } }),
  asDocumented: linkFailures('password'),
};
