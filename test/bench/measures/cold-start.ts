/**
 * Duration of a cold start: from the start of a process to the first response of the bundled
 * handler.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Bundles, bundle } from '../../../infra/build/bundle.ts';
import type { FunctionName } from '../../../lib/api/routes.ts';
import { toGatewayEvent } from '../../../infra/local/gateway/request-event.ts';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { start } from '../support/processes.ts';
import { type Stage, tenantId } from '../support/stage.ts';
import { median, quantile, type Quartiles, quartiles } from '../support/statistics.ts';

export interface ColdStart {
  readonly name: string;
  /** Request and response. */
  readonly event: string;
  /** Wall time in ms, each of a new process. */
  readonly median: number;
  readonly p90: number;
  /** CPU time in ms, including threads of V8: the time on a single core. */
  readonly processorMs: number;
  /** Multiples of the empty handler in the same round, in wall time and in CPU time. */
  readonly timesEmpty?: Quartiles;
  readonly processorTimesEmpty?: Quartiles;
  /** True for a function that verifies a bearer token before it responds. */
  readonly isBearer?: boolean;
}

interface Candidate {
  readonly name: string;
  readonly event: string;
  /** CommonJS module with a `handler`. */
  readonly module: string;
  readonly sent: APIGatewayProxyEventV2;
  readonly status: number;
  readonly isBearer?: boolean;
}

interface SampleRequest {
  /** Route key of `lib/api/routes.ts`. */
  readonly route: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface BearerRequest {
  readonly function: FunctionName;
  /** Default: the name of the function. */
  readonly title?: string;
  readonly request: SampleRequest;
  readonly event?: string;
  readonly status?: number;
}

const parameters = { userId: 'cradl:user:0123456789abcdef0123456789abcdef' };
const getUser: SampleRequest = { route: 'GET /v1/users/{userId}', parameters };

const jsonRequest = (route: string, body: object): SampleRequest => ({
  route,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

/** Every step except the operation. */
const deniedEvent = 'token verified, tenant read, policies deny';

/** Requests of a caller without permissions to every function that verifies tokens. */
const bearerRequests: readonly BearerRequest[] = [
  { function: 'users', request: getUser },
  {
    function: 'users',
    title: 'users, create',
    request: jsonRequest('POST /v1/users', {
      email: 'ada@example.com',
      roleIds: ['cradl:role:user'],
    }),
    event: 'the same, after the body is parsed',
  },
  {
    function: 'passwords',
    request: jsonRequest('POST /v1/users/me/password', {
      currentPassword: 'current password',
      newPassword: 'another long password',
    }),
    event: 'token verified, tenant and user read, no such user',
    status: 404,
  },
  {
    function: 'invitation-links',
    request: { route: 'POST /v1/users/{userId}/invitation/link', parameters },
  },
  { function: 'app-clients', request: { route: 'GET /v1/app-clients' } },
  { function: 'tenants', request: { route: 'GET /v1/roles' } },
  { function: 'groups', request: { route: 'GET /v1/groups' } },
  { function: 'domains', request: { route: 'GET /v1/domains' } },
  { function: 'feed', request: { route: 'GET /v1/events' } },
  {
    function: 'bulk-users',
    request: jsonRequest('POST /v1/users/bulk', { users: [{ email: 'ada@example.com' }] }),
  },
  {
    function: 'account',
    request: { route: 'GET /v1/users/me' },
    event: 'token verified, tenant and user read, no such user',
    status: 404,
  },
];

/**
 * Minimal Lambda runtime, so the time belongs to the function. The result goes to its own file
 * descriptor, separate from log lines.
 */
const runtime = `
require(process.argv[1])
  .handler(JSON.parse(process.env.EVENT), { awsRequestId: 'bench', getRemainingTimeInMillis: () => 10_000 })
  .then(({ statusCode }) => {
    const milliseconds = performance.now();
    const { user, system } = process.cpuUsage();
    process.stderr.write(JSON.stringify({ statusCode, milliseconds, processorMs: (user + system) / 1000 }), () => process.exit());
  });
`;

/**
 * Bundles everything into `folder` and starts each function in `rounds` new processes, in turns.
 */
export async function measureColdStarts(
  stage: Stage,
  { folder, rounds, log }: { folder: string; rounds: number; log: (line: string) => void },
): Promise<{ coldStarts: ColdStart[]; bundles: Bundles }> {
  const bundles = await bundle(join(folder, 'bundles'));
  const { settings, mintAccessToken } = createIssuer(stage.issuer);
  const env = {
    ...process.env,
    ...stage.environment,
    ISSUERS: JSON.stringify([settings]),
    TENANT_HOST_SUFFIX: 'admin.localhost',
  };

  const authorization = `Bearer ${mintAccessToken({ sub: 'nobody', tenantId, roles: [] })}`;
  const candidates: Candidate[] = [
    {
      name: 'empty',
      event: 'returns 204',
      module: emptyFunction(folder),
      sent: getEvent(getUser),
      status: 204,
    },
    ...bearerRequests.map(
      ({ function: name, title = name, request, event = deniedEvent, status = 403 }) => ({
        name: title,
        event,
        module: join(bundles[name], `${name}.js`),
        sent: getEvent({ ...request, headers: { ...request.headers, authorization } }),
        status,
        isBearer: true,
      }),
    ),
    {
      name: 'users, no token',
      event: 'rejected before the table is read',
      module: join(bundles.users, 'users.js'),
      sent: getEvent(getUser),
      status: 401,
    },
    {
      name: 'documents',
      event: 'GET /openapi.json',
      module: join(bundles.documents, 'documents.js'),
      sent: getEvent({ route: 'GET /openapi.json' }),
      status: 200,
    },
  ];

  const answers = new Map<Candidate, FirstAnswer[]>(candidates.map((candidate) => [candidate, []]));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates)
      answers.get(candidate)?.push(await firstAnswer(candidate, env));
    if (round % 5 === 4) log(`cold starts: ${round + 1} of ${rounds} rounds`);
  }
  const [empty = []] = answers.values();
  const coldStarts = [...answers].map(([{ name, event, isBearer }, measured]): ColdStart => {
    const times = measured.map(({ milliseconds }) => milliseconds);
    const timesEmpty = (read: (answer: FirstAnswer) => number) =>
      quartiles(measured.map((answer, round) => read(answer) / read(empty[round] ?? answer)));
    return {
      name,
      event,
      median: median(times),
      p90: quantile(times, 0.9),
      processorMs: median(measured.map(({ processorMs }) => processorMs)),
      timesEmpty: timesEmpty(({ milliseconds }) => milliseconds),
      processorTimesEmpty: timesEmpty(({ processorMs }) => processorMs),
      isBearer: isBearer ?? false,
    };
  });
  return { coldStarts, bundles };
}

interface FirstAnswer {
  readonly milliseconds: number;
  readonly processorMs: number;
}

async function firstAnswer(
  { name, module, sent, status }: Candidate,
  env: NodeJS.ProcessEnv,
): Promise<FirstAnswer> {
  const child = start(process.execPath, ['--input-type=commonjs', '--eval', runtime, module], {
    env: { ...env, EVENT: JSON.stringify(sent) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  if (!output.startsWith(`{"statusCode":${status},`))
    throw new Error(`${name} must return ${status}, but: ${output.slice(-2000)}`);
  return JSON.parse(output) as FirstAnswer;
}

function emptyFunction(folder: string): string {
  const home = join(folder, 'empty');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"type":"commonjs"}\n');
  writeFileSync(join(home, 'empty.js'), 'exports.handler = async () => ({ statusCode: 204 });\n');
  return join(home, 'empty.js');
}

function getEvent({
  route,
  parameters = {},
  body = '',
  headers = {},
}: SampleRequest): APIGatewayProxyEventV2 {
  const [method = '', template = ''] = route.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? '');
  const request = {
    method,
    target: path,
    headers: Object.entries({ host: 'localhost', accept: '*/*', ...headers }),
    body: Buffer.from(body),
    sourceIp: '127.0.0.1',
    port: 443,
    protocol: 'HTTP/1.1',
  };
  return toGatewayEvent(request, path, { routeKey: `ANY ${template}`, pathParameters: parameters });
}
