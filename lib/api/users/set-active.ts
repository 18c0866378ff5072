import * as z from 'zod';
import { requestBody } from '../request-body.ts';

/** JITSudo's body of POST /users/{id}/suspend (operation suspendUser): false suspends, true reactivates. */
export const setActiveInput = requestBody({ active: z.boolean() }, 'JitsudoActiveSwitch');
