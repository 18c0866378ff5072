import { describe, expect, it } from 'vitest';
import { createGateway } from '../../infra/local/gateway/gateway.ts';
import type { RequestContext } from '../../lib/domain/access/request-context.ts';
import { Failure, type FailureCode } from '../../lib/domain/kernel/failure.ts';
import { createPolicy } from '../../lib/domain/access/policy.ts';
import { indexRoles } from '../../lib/domain/roles/role.ts';
import { publicApi } from '../../lib/api/http/api.ts';
import { createPipeline } from '../../lib/api/http/pipeline.ts';
import {
  getRouteAction,
  requestRoute,
  createUserForRoute,
  authenticatedRoutes,
  isOpenToTenant,
  isSelfRoute,
} from '../support/authenticated-routes.ts';
import { findMissingRecords } from '../support/database/record-audit.ts';
import { getLogs } from '../support/logs.ts';
import { createTestService, systemToken, userToken, issuer, tenantId } from '../support/service.ts';

const policy = createPolicy();

describe('every route with a token evaluates the policies exactly once [T16]', () => {
  /** The deployed policies with a counter. */
  let actions: string[] = [];
  const counting = createTestService({
    policy: {
      authorize(call, action, context) {
        actions.push(action);
        policy.authorize(call, action, context);
      },
    },
  });
  const questions = async (act: () => Promise<{ status: number }>) => {
    actions = [];
    const { status } = await act();
    return { status, asked: actions };
  };

  /** Actions for system administrators have their own policies. */
  const allowing: Readonly<Record<string, string>> = {
    createTenant: 'create-tenant',
    listTenants: 'list-tenants',
    suspendTenant: 'suspend-tenant',
    deleteTenant: 'delete-tenant',
  };

  it.each(authenticatedRoutes.map((route) => [route.route, route] as const))(
    '%s',
    async (_, route) => {
      const service = await counting;
      const user = await createUserForRoute(route, service, 'acme');
      const sent = { user, headers: { 'x-tenant-id': tenantId.acme } };
      // A bulk request decides once more for each row.
      const rowActions = route.operation === 'importUsers' ? ['createUser'] : [];
      const sub = isSelfRoute(route) ? user.native : 'system';
      const token = issuer.mintAccessToken({ sub, roles: ['system_admin'] });
      expect(await questions(() => requestRoute(service, route, { ...sent, token }))).toEqual({
        status: route.status,
        asked: [getRouteAction(route, true), ...rowActions],
      });
      const line = getLogs.findLast((text) => JSON.parse(text).status === route.status) ?? '{}';
      // Callers without an account can call these.
      const openStatus = isOpenToTenant(route) ? route.status : 403;
      const refused = isSelfRoute(route) ? 404 : openStatus;
      expect(
        await questions(() =>
          requestRoute(service, route, { ...sent, token: userToken('acme', []) }),
        ),
      ).toEqual({ status: refused, asked: [getRouteAction(route, false)] });
      // No decision without authentication.
      expect(await questions(() => requestRoute(service, route, sent))).toEqual({
        status: 401,
        asked: [],
      });
      expect(JSON.parse(line)).toMatchObject({
        operation: route.operation,
        policies: [allowing[getRouteAction(route, true) ?? ''] ?? 'system-administrator'],
      });
    },
  );

  it('also for a missing user', async () => {
    const service = await counting;
    for (const route of authenticatedRoutes.filter(({ operation }) =>
      ['getUser', 'getProfile'].includes(operation),
    )) {
      const token = systemToken('acme');
      expect(await questions(() => requestRoute(service, route, { token }))).toEqual({
        status: 404,
        asked: ['getUser'],
      });
    }
  });

  it('writes a record of each change and creation', async () => {
    const { stored } = await counting;
    expect(findMissingRecords(await stored.all())).toEqual([]);
  });
});

describe('results of an operation without a decision are discarded [T16]', () => {
  const secret = 'found-out-without-asking';
  const call = (): RequestContext => ({
    principal: {
      issuer: 'i',
      subject: 's',
      subjectIsUser: false,
      tenantId: tenantId.acme,
      systemAdministrator: false,
      roles: [],
      groups: [],
      assigned: { roles: [], groups: [] },
      permissions: ['users:read'],
    },
    tenant: {
      tenantId: tenantId.acme,
      slug: 'acme',
      name: 'Acme',
      origin: 'https://example.com',
      uniqueness: 'tenant',
      status: 'active',
      locale: 'en',
      version: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: 'bootstrap',
      roles: indexRoles([], []),
      declaredPermissions: [],
      groups: new Map(),
      memberJobs: [],
      deletedRoles: new Set(),
    },
    dialect: 'native',
    requestId: 'r',
    deadline: Date.now() + 10_000,
    decisions: [],
  });
  const reply = { body: { secret }, headers: { location: secret, etag: secret } };
  const asking = (times: number) => async (admitted: RequestContext) => {
    for (let n = 0; n < times; n++) policy.authorize(admitted, 'getUser', { self: false });
    return reply;
  };

  /** Sends a request to a test operation in place of GET /v1/users/{userId}. */
  const answered = async (operation: (admitted: RequestContext) => Promise<typeof reply>) => {
    const handler = createPipeline<RequestContext>({
      operations: { getUser: async ({ context }) => operation(context) },
      access: 'bearer',
      authenticate: async () => call(),
    });
    const target = {
      name: 'tiny',
      handler: handler as never,
      timeoutMs: 5000,
      memoryMb: 128,
    };
    const gateway = createGateway({ routes: [{ routeKey: 'GET /v1/users/{userId}', target }] });
    const request = {
      method: 'GET',
      target: '/v1/users/x',
      headers: [],
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
      port: 443,
      protocol: 'HTTP/1.1',
    };
    const { status, headers, body } = await gateway(request);
    return {
      status,
      text: `${JSON.stringify(headers)}${body.toString()}`,
      body: JSON.parse(body.toString()),
    };
  };

  it('an operation with one decision returns its result', async () => {
    expect(await answered(asking(1))).toMatchObject({ status: 200, body: { secret } });
  });

  it.each<[string, (admitted: RequestContext) => Promise<typeof reply>]>([
    ['no decision', asking(0)],
    ['two decisions', asking(2)],
    ['three decisions', asking(3)],
    ['a decision of another request', async () => asking(1)(call())],
  ])('an operation with %s returns 500 and nothing else', async (_, operation) => {
    const { status, body, text } = await answered(operation);
    expect({ status, ...body }).toEqual({
      status: 500,
      code: 'internal',
      message: body.message,
      details: { requestId: expect.any(String) },
    });
    expect(text).not.toContain(secret);
  });

  it.each<FailureCode>([
    'not_found',
    'user_exists',
    'invalid_roles',
    'invalid_app_client',
    'password_rejected',
  ])('an operation that throws %s before its decision returns 500', async (code) => {
    const { status, text } = await answered(async () => {
      throw new Failure(code, secret, { details: { field: secret } });
    });
    expect(status).toBe(500);
    expect(text).not.toContain(secret);
  });

  it('an invalid body is reported before the decision', async () => {
    const { status, body } = await answered(async () => {
      throw new Failure('invalid_input', 'not what was expected');
    });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_input' });
  });

  it('a denial is final, even if the operation continues', async () => {
    const { status, text } = await answered(async (admitted) => {
      try {
        policy.authorize(
          { ...admitted, principal: { ...admitted.principal, permissions: [] } },
          'getUser',
          { self: false },
        );
      } catch {
        // Operation that ignores a denial.
      }
      return reply;
    });
    expect(status).not.toBe(200);
    expect(text).not.toContain(secret);
  });
});

describe('a function serves routes of one kind', () => {
  it('a public API cannot serve an operation that needs a token', () => {
    expect(() => publicApi({ getUser: async () => ({ body: {} }) })).toThrow('is bearer');
  });

  it('an authenticated API cannot serve a public operation', () => {
    expect(() =>
      createPipeline<RequestContext>({
        operations: { answerUnrouted: async () => ({ body: {} }) },
        access: 'bearer',
        authenticate: async () => ({}) as RequestContext,
      }),
    ).toThrow('is public');
  });
});
