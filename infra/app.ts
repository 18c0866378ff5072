import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { bundle } from './build/bundle.ts';
import { type Config, readConfig } from './config.ts';
import { createApp, createStack, createUnconfiguredStack } from './stack.ts';

const app = createApp();

/** Prints a configuration error without a stack trace. */
const loadConfiguration = (file: unknown): Config => {
  try {
    return readConfig(file);
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
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
};

// Default of cdk.json. It may not exist yet when an operator runs the first commands.
const configFile: unknown = app.node.tryGetContext('config');
if (configFile === 'roster.config.json' && !existsSync(configFile))
  createUnconfiguredStack(app, configFile);
else await addStack(loadConfiguration(configFile));
app.synth();
