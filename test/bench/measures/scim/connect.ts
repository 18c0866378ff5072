/** Connections of the measured server, and requests with their tokens. */
import { createIssuer } from '../../../../infra/local/fakes/issuer.ts';
import type { Stage, Target } from '../../support/stage.ts';

export interface ScimResponse {
  readonly status: number;
  readonly text: string;
}

type Send = (method: string, path: string, body?: object) => Promise<ScimResponse>;

export interface BenchConnection {
  /** Sends a request of an administrator. */
  readonly sendNative: Send;
  /** Sends a native request of an app client with all permissions. */
  readonly sendWithKey: Send;
  /** Sends a request of the connection to a path below `/scim/v2`. */
  readonly send: Send;
  readonly connectionId: string;
  /** Sends requests of the same connection to another server with the same tables. */
  readonly through: (target: Pick<Target, 'users'>) => Send;
}

/** Creates a SCIM connection of a tenant. */
export async function connect(
  { roster, issuer }: Pick<Stage, 'roster' | 'issuer'>,
  tenantId: string,
  settings: object = {},
): Promise<BenchConnection> {
  const admin = createIssuer(issuer).mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const toUrl = (target: Pick<Target, 'users'>, path: string) =>
    new URL(path, target.users(tenantId)).href;
  const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
  const sendNative: Send = (method, path, body) =>
    send(bearer(admin), method, toUrl(roster, path), body);
  const input = { name: 'Identity provider', provider: 'okta', ...settings };
  const created = await sendNative('POST', '/v1/scim/connections', input);
  assertStatus(created, 201);
  const { connectionId, token } = JSON.parse(created.text) as Record<string, string>;
  if (connectionId === undefined || token === undefined) throw new Error(created.text);
  const through =
    (target: Pick<Target, 'users'>): Send =>
    (method, path, body) =>
      send(bearer(token), method, toUrl(target, `/scim/v2${path}`), body);
  const client = { name: 'Import', roleIds: ['cradl:role:admin'] };
  const { text } = await sendNative('POST', '/v1/app-clients', client);
  const { secret = '' } = JSON.parse(text) as { secret?: string };
  const sendWithKey: Send = (method, path, body) =>
    send({ 'x-api-key': secret }, method, toUrl(roster, path), body);
  return { sendNative, sendWithKey, send: through(roster), connectionId, through };
}

/** Throws if a response has another status. */
export function assertStatus({ status, text }: ScimResponse, expected: number): void {
  if (status !== expected) throw new Error(`Expected ${expected}: ${status} ${text.slice(0, 500)}`);
}

async function send(
  credential: Readonly<Record<string, string>>,
  method: string,
  url: string,
  body?: object,
): Promise<ScimResponse> {
  const response = await fetch(url, {
    method,
    headers: { ...credential, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}
