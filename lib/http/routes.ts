/**
 * Every route of the service. The stack, the local server and the OpenAPI document are built from this table and from
 * nothing else, and `endpoint.ts` looks each request up in it. Pure data: it imports nothing.
 */
export type DialectName = 'native' | 'cradl' | 'jitsudo' | 'credible';
export type Operation = 'createUser' | 'getUser' | 'getOpenapi' | 'getDocs' | 'getDocsFile' | 'answerUnrouted';
export type FunctionName = 'users' | 'documents';

interface CommonRoute {
  /** API Gateway route key: `METHOD /path/{parameter}`, or `$default`. */
  readonly route: string;
  readonly operation: Operation;
  /** The Lambda that serves it: `functions/<function>.ts`. */
  readonly function: FunctionName;
  /** Whose manners the answer has, errors included. */
  readonly dialect: DialectName;
  /** The status of success. */
  readonly status: 200 | 201 | 204 | 404;
  readonly body: 'json' | 'none';
}

/** `bearer`: authenticated, held to one tenant, and decided by one policy decision. `public`: none of it, and `why`. */
export type Route = CommonRoute & ({ readonly access: 'bearer' } | { readonly access: 'public'; readonly why: string });

export const routes = [
  { route: 'POST /v1/users', operation: 'createUser', function: 'users', dialect: 'native', status: 201, access: 'bearer', body: 'json' },
  {
    route: 'GET /v1/users/{userId}',
    operation: 'getUser',
    function: 'users',
    dialect: 'native',
    status: 200,
    access: 'bearer',
    body: 'none',
  },
  {
    route: 'POST /cradl/v1/users',
    operation: 'createUser',
    function: 'users',
    dialect: 'cradl',
    status: 200,
    access: 'bearer',
    body: 'json',
  },
  {
    route: 'GET /cradl/v1/users/{userId}',
    operation: 'getUser',
    function: 'users',
    dialect: 'cradl',
    status: 200,
    access: 'bearer',
    body: 'none',
  },
  {
    route: 'POST /jitsudo/v1/users',
    operation: 'createUser',
    function: 'users',
    dialect: 'jitsudo',
    status: 201,
    access: 'bearer',
    body: 'json',
  },
  {
    route: 'GET /jitsudo/v1/users/{id}',
    operation: 'getUser',
    function: 'users',
    dialect: 'jitsudo',
    status: 200,
    access: 'bearer',
    body: 'none',
  },
  {
    route: 'POST /credible/api/v0/users',
    operation: 'createUser',
    function: 'users',
    dialect: 'credible',
    status: 201,
    access: 'bearer',
    body: 'json',
  },
  {
    route: 'GET /credible/api/v0/users/{userName}',
    operation: 'getUser',
    function: 'users',
    dialect: 'credible',
    status: 200,
    access: 'bearer',
    body: 'none',
  },

  {
    route: 'GET /openapi.json',
    operation: 'getOpenapi',
    function: 'documents',
    dialect: 'native',
    status: 200,
    access: 'public',
    why: 'describes the API, no data',
    body: 'none',
  },
  {
    route: 'GET /docs',
    operation: 'getDocs',
    function: 'documents',
    dialect: 'native',
    status: 200,
    access: 'public',
    why: 'shows that description',
    body: 'none',
  },
  {
    route: 'GET /docs/{file}',
    operation: 'getDocsFile',
    function: 'documents',
    dialect: 'native',
    status: 200,
    access: 'public',
    why: 'its scripts and styles',
    body: 'none',
  },
  {
    route: '$default',
    operation: 'answerUnrouted',
    function: 'documents',
    dialect: 'native',
    status: 404,
    access: 'public',
    why: 'no such route or method',
    body: 'none',
  },
] as const satisfies readonly Route[];
