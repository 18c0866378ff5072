import * as z from 'zod';

/** JITSudo's body of POST /users/{id}/suspend (operation suspendUser): false suspends, true reactivates. */
export const activeSwitch = z.object({ active: z.boolean() }).meta({ id: 'JitsudoActiveSwitch' });
