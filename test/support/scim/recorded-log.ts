import type { RequestLog } from '../../../lib/domain/connections/request-log.ts';

/** Request log that records quirks and skipped parts. */
export interface RecordedLog extends RequestLog {
  readonly quirks: readonly string[];
  /** Reasons and names, such as `unknown attribute: shoeSize`. */
  readonly skipped: readonly string[];
}

export function createRecordedLog(): RecordedLog {
  const quirks = new Set<string>();
  const skipped: string[] = [];
  return {
    quirk: (name) => quirks.add(name),
    skip: (reason, { name, id } = {}) => skipped.push(`${reason}: ${name ?? id ?? ''}`),
    changed: () => {},
    subject: () => {},
    get quirks() {
      return [...quirks];
    },
    skipped,
  };
}
