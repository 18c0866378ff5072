import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bundles } from '../../../infra/build/bundle.ts';

/** A file that is deployed with a function. */
export interface BundledFile {
  readonly function: string;
  readonly file: string;
  /** `code` is loaded at every cold start, and so is the policy `engine`; the rest when it is first needed. */
  readonly kind: 'code' | 'engine' | 'when needed';
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Every file of every function but the few bytes that say it is CommonJS. */
export function measureBundles(bundles: Bundles): BundledFile[] {
  return Object.entries(bundles).flatMap(([name, folder]) =>
    readdirSync(folder)
      .filter((file) => file !== 'package.json')
      .map((file): BundledFile => {
        const content = readFileSync(join(folder, file));
        const kind =
          file === `${name}.js` ? 'code' : file.endsWith('.wasm') ? 'engine' : 'when needed';
        const gzipBytes = file.endsWith('.gz')
          ? content.length
          : gzipSync(content, { level: 9 }).length;
        return { function: name, file, kind, bytes: content.length, gzipBytes };
      }),
  );
}
