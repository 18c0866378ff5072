import { Failure } from '../../domain/kernel/failure.ts';
import { eventErrors, exampleActor, exampleEvent } from '../doc-parts.ts';
import type { ResourceDoc } from '../operation-doc.ts';
import { eventTypeList, jsonSchema, listEventTypes } from './event-types.ts';
import { eventList } from './native.ts';

const [exampleType] = listEventTypes();

/** OpenAPI texts of the event feed. */
export const feedDoc: ResourceDoc<'listEvents' | 'listEventTypes' | 'getEventType'> = {
  name: 'Events',
  description:
    'Numbered events of a tenant, in an order that all readers share. Events contain IDs and names of fields, and no personal data.',
  operations: {
    listEvents: {
      summary: 'Read the event feed',
      description:
        'Returns events after a cursor, oldest first. A reader who saves `nextCursor` after processing a page misses no event and reads none twice. Numbers have no gaps, and the events of a resource keep their order. A page can be short or empty while `hasMore` is true, and each page reads at most 1,000 events. Cursors work while the events that follow are retained, only with the same filter. Requires the permission `events:read`.',
      errors: { ...eventErrors, cursor_expired: {} },
      content: () => ({
        query: eventList.query(),
        response: {
          schema: eventList.response(),
          example: {
            events: [{ ...exampleEvent, actor: exampleActor }],
            nextCursor: 'x5Lr1uTn0wq1rV2gB8d0sA',
            hasMore: false,
          },
        },
        responseDescription: 'A page of events.',
      }),
    },
    listEventTypes: {
      summary: 'List event types',
      description:
        'Returns the types of events and the JSON Schemas of their data. New types and new members of the data can be added at any time, so ignore unknown ones.',
      content: () => ({
        response: { schema: eventTypeList(), example: { eventTypes: [exampleType] } },
        responseDescription: 'All event types.',
      }),
    },
    getEventType: {
      summary: 'Get an event schema',
      description:
        'Returns the JSON Schema of the data of a type. CloudEvents refer to it in `dataschema`.',
      errors: {
        not_found: {
          text: 'the type or version does not exist',
          example: new Failure('not_found', 'The event type does not exist'),
        },
      },
      content: () => ({
        parameter: { name: 'type', description: 'Type of the event.', example: 'user.created' },
        childParameter: { name: 'version', description: 'Version of the schema.', example: '1' },
        response: { schema: jsonSchema(), example: exampleType?.schema ?? {} },
        responseDescription: 'The JSON Schema.',
      }),
    },
  },
};
