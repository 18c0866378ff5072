/** Changes to the synthesized template for the benchmark. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';

interface Resource {
  readonly Type: string;
  // Each resource type has its own properties.
  readonly Properties: Record<string, any>;
}

export type Resources = Record<string, Resource>;

/** Rewrites the template of the stack in a folder. */
export function changeTemplate(stack: string, change: (resources: Resources) => void): void {
  const file = join(
    stack,
    readdirSync(stack).find((name) => name.endsWith('.template.json')) ?? '',
  );
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Resources };
  change(template.Resources);
  writeFileSync(file, JSON.stringify(template));
}

/** Copies a built stack and the key of the local issuer to a new folder, and changes the copy. */
export function copyStack(
  stack: string,
  folder: string,
  change: (resources: Resources) => void,
): void {
  const source = dirname(stack);
  // Creates the key if it is missing.
  createIssuer({ issuer: 'http://localhost', keyFile: join(source, 'issuer-key.json') });
  for (const name of [basename(stack), 'build.json', 'issuer-key.json'])
    cpSync(join(source, name), join(folder, name), { recursive: true });
  changeTemplate(join(folder, basename(stack)), change);
}

export const listResources = (
  resources: Resources,
  ...types: readonly string[]
): [id: string, properties: Resource['Properties']][] =>
  Object.entries(resources)
    .filter(([, { Type }]) => types.includes(Type))
    .map(([id, { Properties }]) => [id, Properties]);

/** Keeps the stream but removes its consumer. */
export function removeConsumer(resources: Resources): void {
  for (const [id] of listResources(resources, 'AWS::Lambda::EventSourceMapping'))
    delete resources[id];
}

/**
 * Removes streams, indexes and consumers. The embedded database slows down with every stream
 * record, and the sweep would query the index.
 */
export function removeStream(resources: Resources): void {
  removeConsumer(resources);
  for (const [id] of listResources(resources, 'AWS::Events::Rule')) delete resources[id];
  for (const [, table] of listResources(resources, 'AWS::DynamoDB::GlobalTable')) {
    delete table.StreamSpecification;
    delete table.GlobalSecondaryIndexes;
    const keys = (table.KeySchema as { AttributeName: string }[]).map(
      ({ AttributeName }) => AttributeName,
    );
    table.AttributeDefinitions = (table.AttributeDefinitions as { AttributeName: string }[]).filter(
      ({ AttributeName }) => keys.includes(AttributeName),
    );
  }
}
