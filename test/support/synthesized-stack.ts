/**
 * Synthesized stack of the example configuration, with an empty folder as the code of each
 * function.
 */
import { readFileSync } from 'node:fs';
import type { Bundles } from '../../infra/build/bundle.ts';
import { configSchema } from '../../infra/config.ts';
import { grants } from '../../infra/constructs/grants.ts';
import { createApp, createStack } from '../../infra/stack.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
  // Each resource type has its own properties.
  readonly Properties: any;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, object>>;
}

export const example = JSON.parse(readFileSync('infra/example.config.json', 'utf8')) as {
  issuers: object[];
  alarmTopicArn: string;
  issuerUrl: string;
  inviteSources: object[];
};

/** Example configuration without key rotation and without its own URL. */
const base = { ...example, signingKeys: { current: '1' }, issuerUrl: undefined };

/** Example configuration with these fields replaced. Undefined removes a field. */
const configured = (change: object = {}) => configSchema.parse({ ...base, ...change });

/** Creates the stack in its own app, before synthesis. */
export const createTestStack = (change: object = {}, outdir?: string) => {
  const app = createApp({ treeMetadata: false, ...(outdir !== undefined && { outdir }) });
  const code = createTemporaryFolder();
  const bundles = Object.fromEntries(
    Object.keys(grants).map((name) => [name, code]),
  ) as unknown as Bundles;
  return { app, stack: createStack(app, configured(change), bundles) };
};

const templates = new Map<string, Template>();
/** Synthesizes each configuration once per worker, which takes 0.1 s. */
export const synthesize = (change: object = {}): Template => {
  const key = JSON.stringify(configured(change));
  const cached = templates.get(key);
  if (cached) return cached;
  const { app, stack } = createTestStack(change);
  const { template } = app.synth().getStackByName(stack.stackName) as { template: Template };
  templates.set(key, template);
  return template;
};

/** Template of the unchanged example. */
export const template = synthesize();

export const resources = (type: string, from: Template = template) =>
  Object.entries(from.Resources).filter(([, { Type }]) => Type === type);
export const properties = (type: string, from: Template = template) =>
  resources(type, from).map(([, { Properties }]) => Properties);

/** The only resource of a type whose logical ID has this prefix. */
export const resource = (type: string, id: string, from: Template = template): Resource => {
  const [found, ...others] = resources(type, from).filter(([name]) =>
    new RegExp(`^${id}[0-9A-F]{8}$`).test(name),
  );
  if (!found || others.length > 0)
    throw new Error(`${others.length + Number(found !== undefined)} ${type} ${id}`);
  return found[1];
};

/**
 * `{ 'Fn::GetAtt': ['Users0A0EEA89', 'Arn'] }` → `Users`. Tests do not depend on hashes in logical
 * IDs.
 */
export const getName = (value: unknown): string =>
  JSON.stringify(value).match(/"([A-Za-z]+?\d?)[0-9A-F]{8}"/)?.[1] ?? JSON.stringify(value);

/** Text of the template with readable references: `arn:<AWS::Partition>:…`, `<Users.Arn>`. */
export const renderArn = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[kind, argument] = []] = Object.entries(value as Record<string, unknown>);
  if (kind === 'Fn::Join')
    return ((argument as [string, unknown[]])[1] ?? []).map(renderArn).join('');
  return `<${[argument].flat().join('.')}>`.replace(/[0-9A-F]{8}(?=[.>])/, '');
};
