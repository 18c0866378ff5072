import * as z from 'zod';
import type { AcceptanceWire } from './acceptance-codec.ts';
import { linkToken, password } from '../fields.ts';
import { requestBody } from '../request-body.ts';
import { linkFailures } from './jitsudo-errors.ts';

/** JITSudo, POST /v1/auth/set-initial-password (jitsudo-docs, operation setInitialPassword). */
export const initialPassword: AcceptanceWire = {
  request: requestBody({ token: linkToken, password }, 'JitsudoInitialPassword'),
  answer: z.strictObject({ message: z.string() }).meta({ id: 'JitsudoInitialPasswordSet' }),
  view: () => ({ body: { message: 'Password set' } }),
  asDocumented: linkFailures('password'),
};
