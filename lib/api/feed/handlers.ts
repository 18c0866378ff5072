import type { RequestContext } from '../../domain/access/request-context.ts';
import { openFeedCursor, sealFeedCursor } from '../../domain/feed/feed-cursor.ts';
import { type FeedDependencies, listEvents } from '../../domain/feed/list-events.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Keyring } from '../../domain/kernel/keyring.ts';
import type { Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { readQuery } from '../http/query.ts';
import { eventList, toEventQuery, toEventResponse } from './native.ts';

type Dependencies = FeedDependencies & { readonly idPrefix: IdPrefix; readonly keyring: Keyring };

export const feedHandlers = (deps: Dependencies) =>
  ({
    listEvents: async ({ event, dialect, context }) => {
      const schema = eventList.query();
      const parameters = readQuery(event, { names: Object.keys(schema.shape) });
      const { after, limit, filter } = toEventQuery(parse(schema, parameters, 'parameter'));
      const scope = [context.tenant.tenantId, dialect, { events: filter }] as const;
      const position =
        after === undefined || after === 'latest'
          ? after
          : await openFeedCursor(after, scope, deps);
      const page = await listEvents({ after: position, limit, filter }, context, deps);
      if ('oldestAfter' in page)
        throw cursorExpired(await sealFeedCursor(page.oldestAfter, scope, deps));
      return {
        body: {
          events: page.events.map((each) => toEventResponse(each, deps.idPrefix)),
          nextCursor: await sealFeedCursor(page.last, scope, deps),
          hasMore: page.hasMore,
        },
      };
    },
  }) satisfies Operations<RequestContext>;

const cursorExpired = (oldestCursor: string): Failure =>
  new Failure('cursor_expired', 'The events after this cursor are older than the retention', {
    details: { oldestCursor },
  });
