import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { inject } from 'vitest';

/** Parts of the document that tests read. */
export interface OpenApiDocument {
  readonly paths: Record<string, Record<string, { responses: Record<string, DocumentedResponse> }>>;
  readonly components: {
    readonly headers: Record<string, { readonly required?: boolean }>;
    readonly schemas: Readonly<Record<'Problem' | 'OAuthProblem' | 'ScimError', object>>;
  };
}

interface DocumentedResponse {
  readonly headers?: Readonly<
    Record<string, { readonly $ref?: string; readonly required?: boolean }>
  >;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

const document = inject('openapi');
// References are compiled once, without inlining, because every test file compiles again.
const ajv = new Ajv2020({
  strict: false,
  validateFormats: false,
  validateSchema: false,
  inlineRefs: false,
  code: { optimize: false },
});
ajv.addSchema(document, 'openapi');

const validators = new Map<string, ValidateFunction>();
/**
 * Validator of the schema at a pointer. Equal schemas share one, because compiling takes longer
 * than most requests.
 */
function getValidator(at: string, schema: object): ValidateFunction {
  const text = JSON.stringify(schema);
  const validator = validators.get(text) ?? ajv.compile({ $ref: `openapi#${at}` });
  validators.set(text, validator);
  return validator;
}

/** `/users/me` precedes `/users/{userId}`, as at the gateway. */
const templates = Object.keys(document.paths)
  .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`) }))
  .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length);
const pointer = (...parts: string[]): string =>
  parts
    .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('');

/**
 * Throws if a response does not match the OpenAPI document: its status, its body by the schema of
 * the status (or no body), and its headers on success.
 */
export function assertDocumented(
  method: string,
  target: string,
  answer: {
    status: number;
    headers: Readonly<Record<string, string>>;
    text: string;
    body: unknown;
  },
): void {
  // The document contains neither HEAD nor OPTIONS.
  if (method === 'OPTIONS') return;
  // Escaped links redirect to pages that the document contains.
  if (
    answer.status === 303 &&
    answer.headers['location']?.match(/^(\.\.\/)?(accept|reset|confirm|verify)\b/)
  )
    return;
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const targetPath = target.split('?')[0]?.replace(/^(\/scim\/.*)\/$/, '$1') ?? '';
  const found = templates.find(({ pattern }) => pattern.test(targetPath))?.path;
  const path = found !== undefined && document.paths[found]?.[verb] ? found : undefined;
  const refuse = (why: string) =>
    new Error(`${method} ${target} ${answer.status} is not as documented: ${why}`);
  const assertBody = (at: string, schema: object) => {
    const validator = getValidator(at, schema);
    if (!validator(answer.body))
      throw refuse(`${ajv.errorsText(validator.errors)}\n${answer.text.slice(0, 2000)}`);
  };
  if (method === 'HEAD' && answer.text !== '') throw refuse('it has a body');
  if (path === undefined && method !== 'HEAD') {
    const name = selectErrorSchema(target);
    assertBody(`/components/schemas/${name}`, document.components.schemas[name]);
    return;
  }
  if (path === undefined) return;
  const response = document.paths[path]?.[verb]?.responses[answer.status];
  if (!response) throw refuse('no such status');
  const { headers = {}, content } = response;
  const missing = Object.keys(headers).filter(
    (name) => isPromised(headers[name]) && answer.headers[name.toLowerCase()] === undefined,
  );
  if (answer.status < 300 && missing.length > 0) throw refuse(`it lacks ${missing.join(', ')}`);
  if (content === undefined && answer.text !== '') throw refuse('it has a body');
  if (method === 'HEAD') return;
  const [mediaType = '', media] =
    Object.entries(content ?? {}).find(([type]) => jsonTypes.includes(type)) ?? [];
  if (media)
    assertBody(
      pointer(
        'paths',
        path,
        verb,
        'responses',
        String(answer.status),
        'content',
        mediaType,
        'schema',
      ),
      media.schema,
    );
}

/** SCIM answers with the second one, or with the first if `Accept` names only that. */
const jsonTypes = ['application/json', 'application/scim+json'];

function selectErrorSchema(target: string): 'Problem' | 'OAuthProblem' | 'ScimError' {
  if (/^\/(oauth2\/)?token\/?(\?|$)/.test(target)) return 'OAuthProblem';
  return /^\/scim\b/.test(target) ? 'ScimError' : 'Problem';
}

const isPromised = (header: NonNullable<DocumentedResponse['headers']>[string] = {}): boolean =>
  (header.$ref === undefined
    ? header
    : document.components.headers[header.$ref.split('/').at(-1) ?? '']
  )?.required === true;
