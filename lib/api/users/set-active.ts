import * as z from 'zod';
import { requestBody } from '../request-body.ts';
import { buildOnce } from '../codec.ts';

/**
 * Body of JITSudo's `POST /users/{id}/suspend` (operation suspendUser): false suspends, true
 * reactivates.
 */
export const setActiveInput = buildOnce(() =>
  requestBody({ active: z.boolean() }, 'JitsudoActiveSwitch'),
);
