/** Writes the table of settings in docs/configuration.md (`npm run docs:config`). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { configSchema } from '../config.ts';

/** Part of JSON Schema that the settings use. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
}

const page = join(import.meta.dirname, '../../docs/configuration.md');
const [start, end] = ['<!-- settings: npm run docs:config -->', '<!-- end of settings -->'];

/** Renders docs/configuration.md with a current table of settings. */
export function renderConfigurationPage(): string {
  const text = readFileSync(page, 'utf8');
  const [head, rest = ''] = text.split(start);
  const [, tail] = rest.split(end);
  if (head === undefined || tail === undefined)
    throw new Error(`${page} must contain ${start} and ${end}`);
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const rows = ['| setting | type | default | |', '|---|---|---|---|', ...renderRows(schema, '')];
  return `${head}${start}\n${rows.join('\n')}\n${end}${tail}`;
}

function renderRows({ properties = {}, required = [] }: Schema, path: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const setting = `${path}${name}`;
    const cells = [
      `\`${setting}\``,
      describeType(schema),
      describeDefault(schema, required.includes(name)),
      schema.description ?? '',
    ];
    const nested = schema.items?.properties
      ? renderRows(schema.items, `${setting}[].`)
      : renderRows(schema, `${setting}.`);
    return [`| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'), ...nested];
  });
}

function describeType({
  type,
  anyOf,
  items,
  minimum,
  maximum,
  exclusiveMinimum,
  ...schema
}: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (anyOf) return [...new Set(anyOf.map(describeType))].join(' or ');
  if (type === 'array') return items?.properties ? 'list' : `list of ${describeType(items ?? {})}`;
  if (type !== 'integer' && type !== 'number') return type ?? '';
  if (exclusiveMinimum !== undefined) return `number above ${exclusiveMinimum}, at most ${maximum}`;
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return isBounded
    ? `${minimum?.toLocaleString('en')}–${maximum.toLocaleString('en')}`
    : `${type} from ${minimum}`;
}

function describeDefault(schema: Schema, isRequired: boolean): string {
  if (isRequired) return 'required';
  return schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
}

if (import.meta.main) writeFileSync(page, renderConfigurationPage());
