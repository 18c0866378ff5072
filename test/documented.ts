import { Ajv2020 } from 'ajv/dist/2020.js';
import { openapi } from '../infra/openapi.ts';

interface Response {
  readonly content?: Readonly<Record<string, object>>;
}

const document = openapi() as unknown as { paths: Record<string, Record<string, { responses: Record<string, Response> }>> };
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(document, 'openapi');

const templates = Object.keys(document.paths).map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`) }));
const pointer = (...parts: string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

/** Throws when an answer is not one that the OpenAPI document promises: its status, and its body by the schema of that status. */
export function assertDocumented(method: string, target: string, answer: { status: number; body: unknown }): void {
  const path = templates.find(({ pattern }) => pattern.test(target.split('?')[0] ?? ''))?.path;
  const operation = path === undefined ? undefined : document.paths[path]?.[method.toLowerCase()];
  const schema =
    path === undefined || operation === undefined
      ? '/components/schemas/Problem'
      : pointer('paths', path, method.toLowerCase(), 'responses', String(answer.status), 'content', 'application/json', 'schema');
  if (operation && !operation.responses[answer.status]) throw new Error(`${method} ${path} does not document ${answer.status}`);
  if (operation && !operation.responses[answer.status]?.content?.['application/json']) return;
  if (!ajv.validate({ $ref: `openapi#${schema}` }, answer.body)) {
    throw new Error(`${method} ${target} ${answer.status} is not as documented: ${ajv.errorsText()}\n${JSON.stringify(answer.body)}`);
  }
}
