/** Published types of events. Only builds and tests import this file. */
import * as z from 'zod';
import { dataVersion } from '../../domain/feed/cloud-event.ts';
import { type EventType, eventTypes, type ResourceType } from '../../domain/feed/feed-event.ts';

const descriptions: Readonly<Record<EventType, string>> = {
  'user.created': 'A user was created.',
  'user.updated': 'Fields of a user changed.',
  'user.invited': 'A user was invited again.',
  'user.invitation_revoked': 'The invitation of a user was revoked.',
  'user.invitation_link_copied': 'A caller copied the link of an invitation.',
  'user.activated': 'A user accepted an invitation.',
  'user.email_verified': 'A user verified the email.',
  'user.suspended': 'A user was suspended.',
  'user.reactivated': 'A suspended user was reactivated.',
  'user.deleted': 'A user was deleted, and can be restored.',
  'user.restored': 'A deleted user was restored.',
  'user.erased': 'The data of a user was erased. Erase your copies.',
  'user.password_changed': 'The password of a user changed.',
  'user.signed_in': 'A user signed in.',
  'user.sign_in_failed': 'Sign-ins of a user failed. At most one event in 5 minutes.',
  'user.signed_out': 'All sessions of a user ended.',
  'user.exported': 'The data of a user was exported.',
  'group.created': 'A group was created.',
  'group.updated': 'Fields of a group changed.',
  'group.deleted': 'A group was deleted, and can be restored.',
  'group.restored': 'A deleted group was restored.',
  'group.member_added': 'A member was added to a group.',
  'group.member_updated': 'The status of a member of a group changed.',
  'group.member_removed': 'A member was removed from a group.',
  'role.created': 'A role was created.',
  'role.updated': 'Fields of a role changed.',
  'role.deleted': 'A role was deleted.',
  'app_client.created': 'An app client was created.',
  'app_client.updated': 'Fields of an app client changed.',
  'app_client.secret_created': 'An app client got a new secret.',
  'app_client.secret_removed': 'A secret of an app client was removed.',
  'app_client.revoked': 'An app client was revoked permanently.',
  'domain.created': 'A domain was added.',
  'domain.verified': 'A domain was verified.',
  'domain.lost': 'A domain lost its verification, because its DNS record is missing.',
  'domain.deleted': 'A domain was removed.',
  'webhook.created': 'A webhook was created.',
  'webhook.updated': 'Fields of a webhook changed.',
  'webhook.secret_rotated': 'A webhook got a new secret.',
  'webhook.disabled': 'A webhook was disabled.',
  'webhook.enabled': 'A webhook was enabled.',
  'webhook.deleted': 'A webhook was deleted.',
  'connection.created': 'A SCIM connection was created.',
  'connection.updated': 'Settings, roles or tokens of a SCIM connection changed.',
  'connection.deleted': 'A SCIM connection was deleted.',
  'tenant.created': 'The tenant was created.',
  'tenant.updated': 'Fields of the tenant changed.',
  'tenant.owner_changed': 'The tenant has a new owner.',
  'tenant.deleted': 'The tenant was deleted, and can be restored.',
  'tenant.restored': 'The deleted tenant was restored.',
  'tenant.erased': 'The data of the tenant was erased. No event follows.',
  'tenant.sign_in_failed': 'Sign-ins to unknown accounts failed. At most one event in 5 minutes.',
  'audit_log.read':
    'A caller read the audit log. At most one event a minute for a caller and filter.',
  'access.denied':
    'The policies denied requests of a caller. At most one event a minute for a caller, operation and decision.',
  'feed.restored':
    'The directory was restored from a backup. The numbers after the event before are of lost changes. Read all resources again.',
};

/** Types of events that change no resource. */
const activityTypes: readonly EventType[] = [
  'user.signed_in',
  'user.sign_in_failed',
  'user.exported',
  'tenant.sign_in_failed',
  'audit_log.read',
  'access.denied',
  'feed.restored',
];

/** Schema of the `data` of a CloudEvent. Later versions can add members. */
export const eventData = (type: EventType, resourceType: ResourceType) => {
  const isMembership = type.startsWith('group.member_');
  return z
    .object({
      tenantId: z.guid(),
      resourceType: z.literal(resourceType),
      ...(!isMembership &&
        !activityTypes.includes(type) && {
          version: z
            .int()
            .min(1)
            .meta({ description: 'Version of the resource after the change.' }),
        }),
      ...(isMembership && {
        member: z.object({ type: z.enum(['user', 'appClient', 'group']), id: z.string() }),
      }),
      actor: z
        .object({
          type: z.enum(['user', 'appClient', 'external', 'system']),
          id: z.string().optional(),
        })
        .meta({ description: 'Principal that caused the event.' }),
      changedFields: z.array(z.string()).meta({
        description: 'Names of the changed fields, sorted. Read the resource for values.',
      }),
      requestId: z.string(),
    })
    .meta({ title: type, description: descriptions[type] });
};

/** Lists the types with the JSON Schema of their data. */
export const listEventTypes = () =>
  (Object.keys(eventTypes) as ResourceType[]).flatMap((resourceType) =>
    eventTypes[resourceType].map((type) => ({
      type,
      version: dataVersion,
      resourceType,
      description: descriptions[type],
      schema: z.toJSONSchema(eventData(type, resourceType), { io: 'input' }),
    })),
  );

/** Response with all types. */
export const eventTypeList = () =>
  z
    .strictObject({
      eventTypes: z
        .array(
          z.strictObject({
            type: z.string().meta({ description: 'Name of the type.' }),
            version: z.int().meta({ description: 'Version of the schema.' }),
            resourceType: z.string().meta({ description: 'Type of the resource of the event.' }),
            description: z.string(),
            schema: jsonSchema(),
          }),
        )
        .meta({ description: 'All types.' }),
    })
    .meta({ id: 'EventTypeList' });

export const jsonSchema = () =>
  z
    .record(z.string(), z.unknown())
    .meta({ description: 'JSON Schema (2020-12) of `data` in webhooks and on the event bus.' });
