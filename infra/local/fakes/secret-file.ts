import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What `make` made the first time, kept in a file that only this account may read. Without a file it is made each time. */
export function keptSecret(file: string | undefined, make: () => string): string {
  if (file === undefined) return make();
  if (!existsSync(file)) {
    // Renamed into place, so that a start that is interrupted leaves a whole secret or none.
    writeFileSync(`${file}.new`, make(), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8');
}
