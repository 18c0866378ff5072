/**
 * Synthesizes the stack for the local server: `node synthesize-local.ts STACK DIALECTS`. The
 * functions have no code, because `bundle-local.ts` bundles it at the same time.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { grants } from '../constructs/grants.ts';
import { createApp, createStack } from '../stack.ts';
import type { Bundles } from './bundle.ts';

const [stackFolder = '', dialects = ''] = process.argv.slice(2);

const noCode = join(stackFolder, 'no-code');
mkdirSync(noCode, { recursive: true });
const bundles = Object.fromEntries(Object.keys(grants).map((name) => [name, noCode])) as Bundles;

// The checks take 2 s, and this stack is not deployed.
process.env['CDK_VALIDATION'] = 'false';
const app = createApp({ outdir: stackFolder });
const config = readConfig('infra/example.config.json', { dialects: dialects.split(',') });
createStack(app, config, bundles);
app.synth();
