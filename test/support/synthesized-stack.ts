/** The stack as tests read it: made from the example's configuration, with an empty folder for the code of each function. */
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
  // biome-ignore lint/suspicious/noExplicitAny: as CloudFormation has them, for each type of resource others.
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

/** The example without the settings that only show what there is: keys that are being replaced, and an address of its own. */
const base = { ...example, signingKeys: { current: '1' }, issuerUrl: undefined };

/** Its configuration with these fields in place of its own; undefined leaves one out. */
const configured = (change: object = {}) => configSchema.parse({ ...base, ...change });

/** The stack in an app of its own, not yet synthesised. */
export const aStack = (change: object = {}, outdir?: string) => {
  const app = createApp(outdir === undefined ? {} : { outdir });
  const code = createTemporaryFolder();
  const bundles = Object.fromEntries(
    Object.keys(grants).map((name) => [name, code]),
  ) as unknown as Bundles;
  return { app, stack: createStack(app, configured(change), bundles) };
};

export const synthesise = (change: object = {}): Template => {
  const { app, stack } = aStack(change);
  return app.synth().getStackByName(stack.stackName).template as Template;
};

/** The stack of the example, unchanged. */
export const template = synthesise();

export const resources = (type: string, from: Template = template) =>
  Object.entries(from.Resources).filter(([, { Type }]) => Type === type);
export const properties = (type: string, from: Template = template) =>
  resources(type, from).map(([, { Properties }]) => Properties);

/** The only resource of a type whose logical id begins so. */
export const resource = (type: string, id: string, from: Template = template): Resource => {
  const [found, ...others] = resources(type, from).filter(([name]) =>
    new RegExp(`^${id}[0-9A-F]{8}$`).test(name),
  );
  if (!found || others.length > 0)
    throw new Error(`${others.length + Number(found !== undefined)} ${type} ${id}`);
  return found[1];
};

/** `{ 'Fn::GetAtt': ['Users0A0EEA89', 'Arn'] }` → `Users`, so that a test need not know the hashes of names. */
export const named = (value: unknown): string =>
  JSON.stringify(value).match(/"([A-Za-z]+?\d?)[0-9A-F]{8}"/)?.[1] ?? JSON.stringify(value);

/** A text of the template, with names for what it refers to: `arn:<AWS::Partition>:…`, `<Users.Arn>`. */
export const spelled = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[kind, argument] = []] = Object.entries(value as Record<string, unknown>);
  if (kind === 'Fn::Join')
    return ((argument as [string, unknown[]])[1] ?? []).map(spelled).join('');
  return `<${[argument].flat().join('.')}>`.replace(/[0-9A-F]{8}(?=[.>])/, '');
};
