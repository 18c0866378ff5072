import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { bundle } from './build/bundle.ts';
import { type Config, readConfig } from './config.ts';
import { createApp, createStack, createUnconfiguredStack } from './stack.ts';

const app = createApp();

/** A mistake in the configuration is the reader's to mend: its own words serve better than a stack trace. */
const loadConfiguration = (file: unknown): Config => {
  try {
    // For the local server, which always reads the example.
    const dialects: unknown = app.node.tryGetContext('dialects');
    return readConfig(file, typeof dialects === 'string' ? { dialects: dialects.split(',') } : {});
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(1);
  }
};

const addStack = async (config: Config): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'roster-'));
  try {
    createStack(app, config, await bundle(folder, { dialects: config.dialects }));
  } finally {
    rmSync(folder, { recursive: true });
  }
  // `--context nag=false` is for the local server, which deploys nothing and starts two seconds sooner without the checks.
  if (app.node.tryGetContext('nag') === 'false') process.env['CDK_VALIDATION'] = 'false';
  else {
    const { AwsSolutionsChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
};

// The default of cdk.json, which the first commands of an operator find before it is written.
const configFile: unknown = app.node.tryGetContext('config');
if (configFile === 'roster.config.json' && !existsSync(configFile))
  createUnconfiguredStack(app, configFile);
else await addStack(loadConfiguration(configFile));
app.synth();
