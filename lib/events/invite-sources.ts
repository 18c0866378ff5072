import * as z from 'zod';
import type { InviteSource } from '../domain/invitations/invite-sources.ts';

/** A registered system, which can invite users by event. */
const inviteSourceSchema: z.ZodType<InviteSource> = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be the 12 digits of an AWS account')
    .describe('AWS account that sends the events'),
  source: z
    .string()
    .regex(/^[A-Za-z0-9._/-]{1,256}$/)
    .refine(
      (source) => !source.startsWith('aws.') && source !== 'roster',
      'must be a source of your own',
    )
    .describe('`Source` of the events'),
  tenant: z.guid().toLowerCase().describe('ID of the tenant that invites'),
  roles: z
    .array(z.string().min(1).max(64))
    .min(1)
    .describe('Roles whose permissions limit the invitations'),
});

/** Each combination of account and source is unique. */
export const inviteSourcesSchema = z
  .array(inviteSourceSchema)
  .refine(
    (sources) =>
      new Set(sources.map(({ account, source }) => `${account} ${source}`)).size === sources.length,
    'each account and source must be unique',
  );
