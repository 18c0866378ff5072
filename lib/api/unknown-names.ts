import { Failure, type Issue, summarizeIssues } from '../domain/kernel/failure.ts';
import { findNearestName } from './nearest-name.ts';

/** The words for the members of an input: fields of a body, or parameters of a query. */
export type Noun = 'field' | 'parameter';

const maxIssues = 20;

/** Throws `invalid_input` for each name that is not a known one, with the nearest that is. */
export function assertKnownNames(
  names: readonly string[],
  known: readonly string[],
  noun: Noun,
): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const messages = describeUnknown(unknown, known, noun);
  throw invalidAsSent(
    unknown.map((name, index) => ({ path: formatPath([name]), message: messages[index] ?? '' })),
  );
}

/** The paths are the client's own, so a dialect renames none of them. */
export function invalidAsSent(all: readonly Issue[]): Failure {
  const issues = all
    .slice(0, maxIssues)
    .map(({ path, message }) => ({ path: path.slice(0, 100), message: message.slice(0, 600) }));
  return new Failure('invalid_input', summarizeIssues(issues), {
    details: { issues },
    hasPathsAsSent: true,
  });
}

/** A message for each unknown name. The first without a near known name lists all that are known. */
export function describeUnknown(
  names: readonly string[],
  known: readonly string[],
  noun: Noun,
): readonly string[] {
  const nearest = names.slice(0, maxIssues).map((name) => findNearestName(name, known));
  const lister = known.length > 0 ? nearest.indexOf(undefined) : -1;
  return nearest.map((name, index) => {
    if (name !== undefined) return `is not a known ${noun}; did you mean ${name}?`;
    return index === lister
      ? `is not a known ${noun}; the known ${noun}s are ${known.join(', ')}`
      : `is not a known ${noun}`;
  });
}

export const formatPath = (path: readonly PropertyKey[]): string =>
  path.map((name) => (name === '' ? '""' : String(name))).join('.');
