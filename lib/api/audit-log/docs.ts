import { Failure } from '../../domain/kernel/failure.ts';
import {
  eventErrors,
  exampleActor,
  exampleCreatedTime,
  exampleEvent,
  exampleRequestId,
} from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import type { AuditLogCodec, AuditLogOperation } from './audit-log-codec.ts';
import { jitsudoAuditLog } from './jitsudo.ts';
import { nativeAuditLog } from './native.ts';

interface Dialect {
  readonly codec: AuditLogCodec;
  readonly entry: object;
}

const caller = {
  subject: 'cradl:app-client:0123456789ab4def8123456789abcdef',
  issuer: 'https://roster.example.com',
};
const before = { businessRole: null };

const dialects: Readonly<Record<'native' | 'jitsudo', Dialect>> = {
  native: {
    codec: nativeAuditLog,
    entry: {
      ...exampleEvent,
      actor: { ...exampleActor, ...caller },
      before,
      omitted: null,
      after: null,
      details: null,
      count: null,
      valuesErased: false,
    },
  },
  jitsudo: {
    codec: jitsudoAuditLog,
    entry: {
      id: exampleEvent.eventId,
      actor_id: '01234567-89ab-4def-8123-456789abcdef',
      actor_type: 'api_key',
      action: exampleEvent.type,
      resource_type: 'user',
      resource_id: '01234567-89ab-4def-8123-456789abcdef',
      metadata: {
        sequence: exampleEvent.sequence,
        numbered_at: exampleEvent.numberedTime,
        version: 3,
        member_type: null,
        member_id: null,
        changed_fields: exampleEvent.changedFields,
        before,
        omitted: null,
        after: null,
        details: null,
        count: null,
        values_erased: false,
        ...caller,
        request_id: exampleRequestId,
        policies: exampleEvent.policies,
        digest: exampleEvent.digest,
      },
      reasoning: null,
      created_at: exampleCreatedTime,
    },
  },
};

const describe =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: keyof typeof dialects): OperationContent => ({
    parameter: dialects[name].codec.pathParameter,
    ...content(dialects[name]),
  });

/** OpenAPI texts of the audit log. */
export const auditLogDoc: ResourceDoc<AuditLogOperation> = {
  name: 'Audit log',
  description:
    'Events of a tenant with previous values, for administrators. An erasure removes the values and keeps the event.',
  operations: {
    listAuditLog: {
      summary: 'List audit log entries',
      description:
        'Returns the events of the tenant with their previous values, newest first, one page at a time. A page reads at most 1,000 events, so it can be short or empty and still have a next one. `from` and `to` compare the time of numbering, usually one second after the event. The read itself is recorded, once a minute for each caller and filter. Requires the permission `audit:read`.',
      errors: eventErrors,
      content: describe(({ codec: { list }, entry }) => ({
        query: list.query(),
        response: { schema: list.response(), example: list.toResponse([entry], undefined) },
        responseDescription: 'A page of entries.',
      })),
    },
    getAuditLogEntry: {
      summary: 'Get an audit log entry',
      description:
        'Returns the entry of an event. The read itself is recorded, once a minute for each caller. Requires the permission `audit:read`.',
      errors: {
        ...eventErrors,
        not_found: {
          text: 'the tenant has no event with this ID, or the event is older than the retention',
          example: new Failure(
            'not_found',
            'The audit log of this tenant has no entry with this ID',
          ),
        },
      },
      content: describe(({ codec, entry }) => ({
        response: { schema: codec.response(), example: entry },
        responseDescription: 'The entry.',
      })),
    },
  },
};
