/**
 * Account settings of a deployment. Separate from `environment.ts`, which every bundle contains.
 */
import { integer } from './environment.ts';

export const minimumPasswordLengthSchema = integer({ min: 8, max: 64, fallback: 15 });

/** Default for tenants without this setting. */
export const invitationDaysSchema = integer({ min: 1, max: 30, fallback: 7 });

/** Days after a deletion in which a user or group can be restored. */
export const restoreDaysSchema = integer({ min: 0, max: 3650, fallback: 30 });
