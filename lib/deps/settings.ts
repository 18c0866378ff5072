/** Settings that some functions read. Separate from `environment.ts`, which every bundle contains. */
import * as z from 'zod';
import { integer, json } from './environment.ts';

export const minimumPasswordLengthSchema = integer({ min: 8, max: 64, fallback: 15 });

/** Default for tenants without this setting. */
export const invitationDaysSchema = integer({ min: 1, max: 30, fallback: 7 });

/** Days after a deletion in which a user, group or tenant can be restored. */
export const restoreDaysSchema = integer({ min: 0, max: 3650, fallback: 30 });

/** Resolvers that must all return the DNS record of a domain, separated by commas. */
export const dnsResolversSchema = z
  .string()
  .min(1)
  .default('system')
  .transform((list) => list.split(','));

/** True if the deployment has an event feed. */
export const eventsSchema = z
  .enum(['on', 'off'])
  .default('on')
  .transform((value) => value === 'on');

/** KMS keys by the ID that is stored with what they sign. The first is current. */
export const macKeysSchema = json(
  z.array(z.strictObject({ id: z.string().min(1), key: z.string().min(1) })).min(1),
);
