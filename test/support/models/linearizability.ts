/**
 * Linearizability of calls on a few identifiers (Herlihy and Wing, with the search of Wing and
 * Gong).
 */

/** Call of a client, with its start and end on a shared clock. */
export interface CompletedCall {
  readonly did: 'create' | 'read' | 'rename' | 'delete';
  readonly name: string;
  /** Target of a rename. */
  readonly to?: string;
  readonly called: number;
  readonly returned: number;
  /** Status of the response. After 503 the call may take effect now, later or never. */
  readonly status: number;
  /** Created, read or renamed user, if the response names one. */
  readonly who?: string | undefined;
}

/** User of each identifier. */
type Holders = Readonly<Record<string, string>>;

const without = (holders: Holders, name: string): Holders =>
  Object.fromEntries(Object.entries(holders).filter(([held]) => held !== name));

/** State after the call. Undefined if the response would be wrong. */
function next(
  holders: Holders,
  { did, name, to = name, status, who }: CompletedCall,
): Holders | undefined {
  const holder = holders[name];
  const isTaken = to !== name && holders[to] !== undefined;
  const when = (condition: boolean, then = holders) => (condition ? then : undefined);
  const isUnknown = status === 503;
  if (did === 'create') {
    if (status === 409) return when(holder !== undefined);
    return when((isUnknown || status < 300) && holder === undefined, {
      ...holders,
      [name]: who ?? '',
    });
  }
  if (status === 404) return when(holder === undefined);
  if (did === 'read') return when(status === 200 && holder === who);
  if (did === 'delete')
    return when((isUnknown || status < 300) && holder !== undefined, without(holders, name));
  if (status === 409) return when(holder !== undefined && isTaken);
  const isWho = holder !== undefined && (isUnknown || (status === 200 && holder === who));
  return when(isWho && !isTaken, { ...without(holders, name), [to]: holder ?? '' });
}

/** Throws unless the calls have an order within their times in which every response is right. */
export function assertLinearizable(history: readonly CompletedCall[]): void {
  const counted = history.filter(({ did, status }) => did !== 'read' || status !== 503);
  const hasOutcome = counted.map(({ status }) => status !== 503);
  const seen = new Set<string>();

  const search = (left: ReadonlySet<number>, holders: Holders): boolean => {
    if ([...left].every((index) => !hasOutcome[index])) return true;
    const place = `${[...left].join()} ${JSON.stringify(Object.entries(holders).toSorted(([a], [b]) => a.localeCompare(b)))}`;
    if (seen.has(place)) return false;
    seen.add(place);
    const firstReturn = Math.min(
      ...[...left].filter((index) => hasOutcome[index]).map((index) => counted[index]!.returned),
    );
    for (const index of left) {
      const done = counted[index]!;
      if (done.called > firstReturn) continue;
      const after = next(holders, done);
      if (after && search(left.difference(new Set([index])), after)) return true;
    }
    return false;
  };
  if (!search(new Set(counted.keys()), {})) {
    const lines = history
      .toSorted((a, b) => a.called - b.called)
      .map((done) => JSON.stringify(done));
    throw new Error(`No order explains what the clients saw:\n${lines.join('\n')}`);
  }
}
