// Follows the feed of a tenant. A crash loses no event and repeats none, because the result and the
// cursor are saved together. Start it again after an error.
// Usage: BASE=… TOKEN=… node consumer.mjs state.json
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [file = 'state.json'] = process.argv.slice(2);
const state = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { cursor: '', users: {} };

/** Counts the changes of each user. Replace this with your own work, in one transaction. */
function apply({ type, resource }) {
  if (type === 'user.erased') delete state.users[resource.id];
  else if (resource.type === 'user') state.users[resource.id] = (state.users[resource.id] ?? 0) + 1;
}

for (;;) {
  const url = new URL('/v1/events', process.env.BASE);
  if (state.cursor) url.searchParams.set('after', state.cursor);
  const response = await fetch(url, { headers: { authorization: `Bearer ${process.env.TOKEN}` } });
  if (response.status === 410)
    throw new Error('The cursor is older than the feed. Read all users, then start again.');
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { events, nextCursor, hasMore } = await response.json();
  events.forEach(apply);
  state.cursor = nextCursor;
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file); // Replaces the state at once, or not at all.
  if (!hasMore) await sleep(1000);
}
