import type { RequestLog } from '../../domain/connections/request-log.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';

/** Facts that the operation of a request reported. */
interface RequestFacts {
  readonly quirks: readonly string[];
  readonly skipped: readonly {
    readonly reason: string;
    readonly name?: string;
    readonly id?: string;
  }[];
  readonly changedAttributes: readonly string[];
  readonly subject: { readonly userId?: Uuid; readonly groupId?: Uuid };
}

/** A body can have more unknown names. */
const maxSkipped = 100;

/** Creates the log of a request, and the function that reads what it collected. */
export function createRequestLog(): {
  readonly log: RequestLog;
  readonly readFacts: () => RequestFacts;
} {
  const quirks = new Set<string>();
  const skipped: RequestFacts['skipped'][number][] = [];
  let omitted = 0;
  const changed = new Set<string>();
  let subject: RequestFacts['subject'] = {};
  return {
    log: {
      quirk: (name) => void quirks.add(name),
      skip: (reason, part = {}) => {
        if (skipped.length < maxSkipped) skipped.push({ reason, ...part });
        else omitted += 1;
      },
      changed: (names) => {
        for (const name of names) changed.add(name);
      },
      subject: (of) => {
        subject = of;
      },
    },
    readFacts: () => ({
      quirks: [...quirks],
      skipped: [
        ...(omitted > 0 ? [{ reason: `${omitted} parts are not in this list` }] : []),
        ...skipped,
      ],
      changedAttributes: [...changed],
      subject,
    }),
  };
}
