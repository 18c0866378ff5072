/** Changes to what was synthesised, in the copy of it that the bench runs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: as CloudFormation has them, for each type of resource others.
  readonly Properties: Record<string, any>;
}

export type Resources = Record<string, Resource>;

/** Rewrites the template of the one stack in a folder. */
export function changeTemplate(stack: string, change: (resources: Resources) => void): void {
  const file = join(
    stack,
    readdirSync(stack).find((name) => name.endsWith('.template.json')) ?? '',
  );
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Resources };
  change(template.Resources);
  writeFileSync(file, JSON.stringify(template));
}

export const ofType = (
  resources: Resources,
  ...types: readonly string[]
): [id: string, properties: Resource['Properties']][] =>
  Object.entries(resources)
    .filter(([, { Type }]) => types.includes(Type))
    .map(([id, { Properties }]) => [id, Properties]);

/** The stream goes on, and nobody follows it. */
export function withoutConsumer(resources: Resources): void {
  for (const [id] of ofType(resources, 'AWS::Lambda::EventSourceMapping')) delete resources[id];
}

/**
 * Tables with nothing but their keys, and nothing that needs more: the embedded database slows down with every record in a stream,
 * and the clock would look into the index for mails that nobody sends.
 */
export function withoutStream(resources: Resources): void {
  withoutConsumer(resources);
  for (const [id] of ofType(resources, 'AWS::Events::Rule')) delete resources[id];
  for (const [, table] of ofType(resources, 'AWS::DynamoDB::GlobalTable')) {
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
