import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { documentsApi } from '../../../functions/documents.ts';
import { createGateway } from '../../../infra/local/gateway/gateway.ts';
import { eventData, listEventTypes } from '../../../lib/api/feed/event-types.ts';
import { listPathRoutes } from '../../../lib/api/path-routes.ts';
import { toCloudEvent } from '../../../lib/domain/feed/cloud-event.ts';
import { eventTypes } from '../../../lib/domain/feed/feed-event.ts';
import { numberedEvent } from '../../support/feed/write-feed.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const folder = createTemporaryFolder();
const document = JSON.stringify({ eventTypes: listEventTypes() });
writeFileSync(join(folder, 'event-types.json.gz'), gzipSync(document));

const target = {
  name: 'documents',
  handler: documentsApi(folder) as never,
  timeoutMs: 60_000,
  memoryMb: 256,
};
const gateway = createGateway({
  routes: listPathRoutes()
    .filter((row) => row.function === 'documents')
    .map(({ routeKey }) => ({ routeKey, target })),
});
const get = async (path: string) => {
  const { status, body, headers } = await gateway({
    method: 'GET',
    target: path,
    headers: [['host', 'localhost']],
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
    port: 4000,
    protocol: 'HTTP/1.1',
  });
  return { status, body: JSON.parse(body.toString()), headers: Object.fromEntries(headers) };
};

describe('GET /v1/event-types', () => {
  it('lists every type with a version, a description and a schema, without a token', async () => {
    const { status, body, headers } = await get('/v1/event-types');
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    const types = body.eventTypes.map(({ type }: { type: string }) => type);
    expect(types).toEqual(Object.values(eventTypes).flat());
    for (const { version, description, schema } of body.eventTypes) {
      expect(version).toBe(1);
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(() =>
        new Ajv2020({ strict: false, validateFormats: false }).compile(schema),
      ).not.toThrow();
    }
  });

  it('returns the schema of a type and version, which accepts later members', async () => {
    const { status, body } = await get('/v1/event-types/group.member_added/1');
    expect([status, body.title]).toEqual([200, 'group.member_added']);
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(body);
    const data = {
      tenantId: randomUUID(),
      resourceType: 'group',
      member: { type: 'user', id: 'cradl:user:0', memberSince: 1 },
      actor: { type: 'external' },
      changedFields: [],
      requestId: 'request',
      region: 'eu',
    };
    expect(validate(data)).toBe(true);
    expect(validate({ ...data, resourceType: 'user' })).toBe(false);
    expect(validate({ ...data, member: undefined })).toBe(false);
  });

  it.each(['user.unknown/1', 'user.created/2', 'user.created/1.0'])(
    'returns 404 for %s',
    async (path) => {
      expect(await get(`/v1/event-types/${path}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    },
  );
});

it('describes all members of the data of a webhook', () => {
  const id = randomUUID();
  const event = numberedEvent({
    type: 'group.member_added',
    resource: { type: 'group', id },
    member: { type: 'user', id },
  });
  const { data } = toCloudEvent(id, event, { idPrefix: 'cradl', apiUrl: 'https://api.example' });
  const schema = z.strictObject(eventData('group.member_added', 'group').shape);
  expect(schema.parse(JSON.parse(JSON.stringify(data)))).toMatchObject({ tenantId: id });
});
