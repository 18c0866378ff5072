import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bundles } from '../../../infra/build/bundle.ts';

/** Deployed file of a function. */
export interface BundledFile {
  readonly function: string;
  readonly file: string;
  /** Each cold start loads `code`. Other files load on demand. */
  readonly kind: 'code' | 'when needed';
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Lists the files of every function, without package.json. */
export function measureBundles(bundles: Bundles): BundledFile[] {
  return Object.entries(bundles).flatMap(([name, folder]) =>
    readdirSync(folder)
      .filter((file) => file !== 'package.json')
      .map((file): BundledFile => {
        const content = readFileSync(join(folder, file));
        const kind = file === `${name}.js` ? 'code' : 'when needed';
        const gzipBytes = file.endsWith('.gz')
          ? content.length
          : gzipSync(content, { level: 9 }).length;
        return { function: name, file, kind, bytes: content.length, gzipBytes };
      }),
  );
}
