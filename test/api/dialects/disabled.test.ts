import { expect, inject, it } from 'vitest';
import { openapi } from '../../../infra/build/openapi/document.ts';
import { routes } from '../../../lib/api/routes.ts';
import { selectRoutes } from '../../../lib/api/path-routes.ts';
import { createGateway } from '../../../infra/local/gateway/gateway.ts';
import { documentsApi } from '../../../functions/documents.ts';
import { getLogs } from '../../support/logs.ts';
import { properties, synthesize } from '../../support/synthesized-stack.ts';

const dialects = ['native', 'cradl'] as const;
const disabledPaths = /^\/(jitsudo|credible)\//;
const toPaths = (routeKeys: readonly string[]) => routeKeys.map((key) => key.split(' ')[1] ?? key);

it('the stack has no routes of a disabled dialect [SEC-15]', () => {
  const template = synthesize({ dialects });
  const paths = toPaths(
    properties('AWS::ApiGatewayV2::Route', template).map(({ RouteKey }) => RouteKey),
  );
  expect(paths.filter((path) => disabledPaths.test(path))).toEqual([]);
  for (const path of [
    '/v1/users',
    '/cradl/v1/users',
    '/v1/auth/token',
    '/accept',
    '/oauth2/token',
    '$default',
  ])
    expect(paths).toContain(path);
  const limited = toPaths(
    Object.keys(properties('AWS::ApiGatewayV2::Stage', template)[0].RouteSettings),
  );
  expect(limited.filter((path) => disabledPaths.test(path))).toEqual([]);
  const [{ CorsConfiguration: cors }] = properties('AWS::ApiGatewayV2::Api', template) as [
    { CorsConfiguration: { AllowMethods: string[] } },
  ];
  const methods = routes
    .filter(({ dialect, route }) => route !== '$default' && dialects.includes(dialect as 'native'))
    .map(({ route }) => route.split(' ')[0] ?? '');
  expect(cors.AllowMethods.toSorted()).toEqual([...new Set([...methods, 'HEAD'])].toSorted());
});

it('the OpenAPI document omits a disabled dialect', () => {
  const document = openapi(dialects) as unknown as {
    paths: object;
    tags: { name: string }[];
    'x-tagGroups': { name: string }[];
    info: { description: string };
  };
  const all = inject('openapi') as unknown as typeof document;
  expect(Object.keys(all.paths).some((path) => disabledPaths.test(path))).toBe(true);
  expect(Object.keys(document.paths).filter((path) => disabledPaths.test(path))).toEqual([]);
  const listTags = ({ tags }: typeof document) =>
    tags.map(({ name }) => name).filter((name) => name.startsWith('JITSudo '));
  expect(listTags(all)).not.toEqual([]);
  expect(listTags(document)).toEqual([]);
  const listGroups = (one: typeof document) => one['x-tagGroups'].map(({ name }) => name);
  expect(listGroups(all)).toContain('JITSudo');
  expect(listGroups(document)).toEqual(['Roster', 'Cradl']);
  expect(document.info.description).toContain('**Cradl:**');
  expect(all.info.description).toContain('**JITSudo:**');
  expect(document.info.description).not.toContain('**JITSudo:**');
});

it('paths of a disabled dialect return 404', async () => {
  const handler = documentsApi('.');
  const target = { name: 'documents', handler: handler as never, timeoutMs: 60_000, memoryMb: 256 };
  const gateway = createGateway({
    routes: selectRoutes(dialects).map(({ routeKey }) => ({ routeKey, target })),
  });
  const { status, body } = await gateway({
    method: 'PATCH',
    target: '/credible/api/v0/users/me',
    headers: [['host', 'localhost']],
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
    port: 4000,
    protocol: 'HTTP/1.1',
  });
  expect([status, JSON.parse(body.toString()).code]).toEqual([404, 'not_found']);
  expect(getLogs.at(-1)).toContain('answerUnrouted');
});
