import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * Loads a secret from a file that only the current account can read. Creates it with `make` if the
 * file is missing. Without a file it is created each time.
 */
export function loadOrCreateSecret(file: string | undefined, make: () => string): string {
  if (file === undefined) return make();
  if (!existsSync(file)) {
    // The rename is atomic, so an interrupted start leaves no partial secret.
    writeFileSync(`${file}.new`, make(), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8');
}
