/** Whether what clients saw of a few names can be told as one history (Herlihy and Wing; searched as by Wing and Gong). */

/** What a client did to names, between which two ticks of a clock that all clients share. */
export interface Done {
  readonly did: 'create' | 'read' | 'rename' | 'delete';
  readonly name: string;
  /** Of a rename. */
  readonly to?: string;
  readonly called: number;
  readonly returned: number;
  /** The status of the answer; 503 is none: it may have had its effect, now or later, or not. */
  readonly status: number;
  /** Who was created, read or renamed, as far as the answer tells. */
  readonly who?: string | undefined;
}

/** Who holds each name. */
type Holders = Readonly<Record<string, string>>;

const without = (holders: Holders, name: string): Holders =>
  Object.fromEntries(Object.entries(holders).filter(([held]) => held !== name));

/** Who holds what once this has been done, provided that its answer is the right one; undefined where it is not. */
function next(holders: Holders, { did, name, to = name, status, who }: Done): Holders | undefined {
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

/** Throws unless there is an order, one moment for each within its time, in which every answer is the right one. */
export function assertLinearizable(history: readonly Done[]): void {
  const counted = history.filter(({ did, status }) => did !== 'read' || status !== 503);
  const known = counted.map(({ status }) => status !== 503);
  const seen = new Set<string>();

  const search = (left: ReadonlySet<number>, holders: Holders): boolean => {
    if ([...left].every((index) => !known[index])) return true;
    const place = `${[...left].join()} ${JSON.stringify(Object.entries(holders).toSorted(([a], [b]) => a.localeCompare(b)))}`;
    if (seen.has(place)) return false;
    seen.add(place);
    const firstReturn = Math.min(
      ...[...left].filter((index) => known[index]).map((index) => counted[index]!.returned),
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
