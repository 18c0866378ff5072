import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
} from 'zod-openapi';
import { dialectNames } from '../../../lib/api/path-routes.ts';
import { type DialectName, type Route, routes } from '../../../lib/api/routes.ts';
import { dialectGroups, introduce } from './introduction.ts';
import { buildOperation } from './operation.ts';
import { describeProperties } from './property-docs.ts';
import { buildTagName, getResourceDoc, resourceDocs } from './operations.ts';

const root = join(import.meta.dirname, '../../..');

/** Builds the OpenAPI 3.1 document of the routes table. */
export const openapi = (dialects: readonly DialectName[] = dialectNames) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const documented = (routes as readonly Route[]).filter(
    ({ route, dialect }) => route !== '$default' && dialects.includes(dialect),
  );
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of documented) {
    const [method = '', path = ''] = route.route.split(' ');
    const tag = buildTagName(route.dialect, getResourceDoc(route).name);
    paths[path] = { ...paths[path], [method.toLowerCase()]: buildOperation(route, tag) };
  }
  const groups = dialects.map((dialect) => ({
    name: dialectGroups[dialect].name,
    tags: buildTags(
      dialect,
      documented.filter((route) => route.dialect === dialect),
    ),
  }));
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'Roster API',
      version,
      description: introduce(dialects),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This deployment' }],
    tags: groups.flatMap(({ tags }) => tags),
    'x-tagGroups': groups.map(({ name, tags }) => ({ name, tags: tags.map((tag) => tag.name) })),
    components: { securitySchemes },
    paths,
  };
  const created = createDocument(document, { override: simplifySchema });
  for (const [id, schema] of Object.entries(created.components?.schemas ?? {}))
    describeProperties(id, schema);
  return created;
};

/** Tags of the resources that a dialect has. */
const buildTags = (dialect: DialectName, served: readonly Route[]) =>
  resourceDocs
    .filter((resource) => served.some((route) => getResourceDoc(route) === resource))
    .map(({ name, description, dialectNames: names }) => ({
      name: buildTagName(dialect, name),
      'x-displayName': names?.[dialect] ?? name,
      description,
    }));

const oneCredential =
  'Send one credential: a request with both `Authorization` and `X-API-Key` is rejected with 400.';

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `Access token of Roster or of an issuer that this deployment trusts. ${oneCredential}`,
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: `Secret of an app client. ${oneCredential}`,
  },
  authorizationApiKey: {
    type: 'http',
    scheme: 'ApiKey',
    description: `Secret of an app client, as \`Authorization: ApiKey <secret>\`. ${oneCredential}`,
  },
  client: {
    type: 'http',
    scheme: 'basic',
    description: 'Client ID and secret of an app client.',
  },
} as const;

/** Removes patterns that repeat the format or the type. */
const simplifySchema: CreateDocumentOptions['override'] = ({ jsonSchema }) => {
  if (jsonSchema.format === 'date-time' || jsonSchema.type === 'integer') delete jsonSchema.pattern;
};

/** Writes the document for `npm run openapi:lint`. */
if (import.meta.main) {
  mkdirSync(join(root, '.local'), { recursive: true });
  writeFileSync(join(root, '.local/openapi.json'), `${JSON.stringify(openapi(), null, 2)}\n`);
}
