import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import type { Key } from '../../lib/store/keys.ts';

interface Position<Total> {
  /** Key of the last item. */
  readonly after: Key;
  readonly total: Total;
}

/** Position of a stopped run in a file. Positions of another table or format are ignored. */
export function createPosition<Total>(file: string, table: string) {
  return {
    read(): Position<Total> | undefined {
      if (!existsSync(file)) return undefined;
      const saved = JSON.parse(readFileSync(file, 'utf8')) as Position<Total> &
        Record<string, unknown>;
      const isUsable = saved['table'] === table && saved['schemaVersion'] === schemaVersion;
      return isUsable ? saved : undefined;
    },
    save(position: Position<Total>): void {
      mkdirSync(dirname(file), { recursive: true });
      const text = JSON.stringify({ table, schemaVersion, ...position });
      // The key can have an email.
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}
