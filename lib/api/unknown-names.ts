import { Failure, type Issue, summarizeIssues } from '../domain/kernel/failure.ts';

/** Noun for names in an input: fields of a body, parameters of a query, or permissions. */
export type Noun = 'field' | 'parameter' | 'permission';

const maxIssues = 20;

/**
 * Throws `invalid_input` with an issue for each unknown name, which suggests the closest known one.
 */
export function assertKnownNames(
  names: readonly string[],
  known: readonly string[],
  noun: Noun,
): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const messages = describeUnknown(unknown, known, noun);
  throw invalidWireInput(
    unknown.map((name, index) => ({ path: formatPath([name]), message: messages[index] ?? '' })),
  );
}

/** Builds a failure with paths as the client sent them, which dialects do not rename. */
export function invalidWireInput(all: readonly Issue[]): Failure {
  const issues = all
    .slice(0, maxIssues)
    .map(({ path, message }) => ({ path: path.slice(0, 100), message: message.slice(0, 600) }));
  return new Failure('invalid_input', summarizeIssues(issues), {
    details: { issues },
    hasWirePaths: true,
  });
}

/** Ending of a known name that stands for any member of a group, as in `metadata.<name>`. */
export const memberName = '.<name>';

/** Replaces the ending by that of a name to compare. */
const toCandidate = (known: string, name: string): string =>
  known.endsWith(memberName) && name.includes('.')
    ? known.replace(memberName, name.slice(name.indexOf('.')))
    : known;

/** Describes each unknown name. The first without a close known name lists all known ones. */
export function describeUnknown(
  names: readonly string[],
  known: readonly string[],
  noun: Noun,
): readonly string[] {
  const nearest = names.slice(0, maxIssues).map((name) =>
    findNearestName(
      name,
      known.map((candidate) => toCandidate(candidate, name)),
    ),
  );
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

/**
 * Finds the known name closest to a misspelled one, or the only one that it begins. Returns
 * undefined if none is close.
 */
export function findNearestName(name: string, known: readonly string[]): string | undefined {
  const normalized = normalizeName(name.slice(0, 100));
  const longer =
    normalized.length < 4
      ? []
      : known.filter((candidate) => normalizeName(candidate).startsWith(normalized));
  const [nearest] = known
    .map((candidate) => ({
      candidate,
      distance: editDistance(normalized, normalizeName(candidate)),
    }))
    .filter(({ candidate, distance }) => isNear(normalized, normalizeName(candidate), distance))
    .toSorted((a, b) => a.distance - b.distance);
  return nearest?.candidate ?? (longer.length === 1 ? longer[0] : undefined);
}

/** Ignores case, separators, and `At` for `Time`, which differ between dialects. */
const normalizeName = (name: string): string =>
  name
    .replace(/(?:A|_a)t$/, 'Time')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Allows a third of the letters to differ. If several differ, the first must match. */
const isNear = (name: string, candidate: string, distance: number): boolean =>
  distance <= Math.max(name.length, candidate.length) / 3 &&
  (distance <= 1 || name[0] === candidate[0]);

/** Optimal string alignment distance: insertions, deletions, substitutions and adjacent swaps. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwap =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(row - 2, column - 2) + 1 : Infinity,
      );
    }
  }
  return at(a.length, b.length);
}
