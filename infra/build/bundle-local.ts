/**
 * Bundles the functions for the local server: `node bundle-local.ts STACK CACHE DIALECTS`. Writes
 * `functions/` and `template-sources.json` in the folder of the stack.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { type DialectName } from '../../lib/api/routes.ts';
import { bundle } from './bundle.ts';

const [stackFolder = '', cacheFolder, dialects = ''] = process.argv.slice(2);

/** Lists the sources of the template: imports of `synthesize-local.ts`, and data files. */
const listTemplateSources = async (): Promise<string[]> => {
  const { metafile } = await esbuild.build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: ['infra/build/synthesize-local.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: '.',
    write: false,
    metafile: true,
  });
  return [...Object.keys(metafile.inputs), 'infra/example.config.json', 'package-lock.json'];
};

mkdirSync(stackFolder, { recursive: true });
const [templateSources] = await Promise.all([
  listTemplateSources(),
  bundle(join(stackFolder, 'functions'), {
    dialects: dialects.split(',') as DialectName[],
    cacheFolder,
  }),
]);
writeFileSync(join(stackFolder, 'template-sources.json'), JSON.stringify(templateSources));
