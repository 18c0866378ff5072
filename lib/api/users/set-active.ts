import * as z from 'zod';
import { requestBody } from '../request-body.ts';

/**
 * Body of JITSudo's `POST /users/{id}/suspend` (operation suspendUser): false suspends, true
 * reactivates.
 */
export const setActiveInput = requestBody({ active: z.boolean() }, 'JitsudoActiveSwitch');
