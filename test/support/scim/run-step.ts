import { expect } from 'vitest';
import type { TestRequest, TestResponse } from '../service.ts';
import { type Expected, type Step, urn } from '../../vectors/scim/requests.ts';
import type { ScimClient } from './scim-client.ts';

/** IDs by the name under which a step saved them. */
export type SavedIds = Map<string, string>;

/** Replaces `{name}` by the saved ID. */
const fill = <Value>(value: Value, ids: SavedIds): Value => {
  const text = JSON.stringify(value);
  if (text === undefined) return value;
  return JSON.parse(text.replaceAll(/\{([a-z]\d)\}/g, (_, name: string) => ids.get(name) ?? name));
};

const listMembers = ({ members = [] }: { members?: { value: string }[] }) =>
  members.map(({ value }) => value).toSorted();

function assertAnswer(
  { status, headers, body, text }: TestResponse,
  expected: Expected,
  { ids, before }: { readonly ids: SavedIds; readonly before: TestResponse | undefined },
): void {
  expect({ status, ...(status !== expected.status && { text }) }).toEqual({
    status: expected.status,
  });
  if (expected.empty) expect(text).toBe('');
  if (expected.error !== undefined) {
    expect(body).toMatchObject({ schemas: [urn.error], status: String(status) });
    expect(body.scimType ?? null).toBe(expected.error);
  }
  if (expected.detail !== undefined)
    expect(body.detail.toLowerCase()).toContain(expected.detail.toLowerCase());
  if (expected.list) {
    const [totalResults, startIndex, itemsPerPage] = expected.list;
    expect(body).toMatchObject({
      schemas: [urn.list],
      totalResults,
      startIndex,
      itemsPerPage,
      Resources: Array.from({ length: itemsPerPage }, () => expect.anything()),
    });
  }
  if (expected.body) expect(body).toMatchObject(fill(expected.body, ids));
  if (expected.first) expect(body.Resources[0]).toMatchObject(fill(expected.first, ids));
  if (expected.firstNames)
    expect(Object.keys(body.Resources[0]).toSorted()).toEqual(expected.firstNames);
  for (const name of expected.absent ?? []) expect(body).not.toHaveProperty([name]);
  if (expected.members)
    expect(listMembers(body)).toEqual(
      expected.members.map((name) => ids.get(name) ?? name).toSorted(),
    );
  if (expected.unchanged)
    expect([body.meta.version, body.meta.lastModified]).toEqual([
      before?.body.meta.version,
      before?.body.meta.lastModified,
    ]);
  for (const [name, value] of Object.entries(expected.headers ?? {}))
    expect(headers[name]).toContain(value);
  const isResource = status < 300 && body?.meta?.location !== undefined;
  if (isResource && ['User', 'Group'].includes(body.meta.resourceType)) {
    expect(headers['etag']).toBe(body.meta.version);
    if (status === 201) expect(headers['location']).toBe(body.meta.location);
  }
}

/** Sends the request of a step, checks the response, and saves its ID. */
export async function runStep(
  client: ScimClient,
  step: Step,
  { ids, before }: { readonly ids: SavedIds; readonly before: TestResponse | undefined },
): Promise<TestResponse> {
  const answer = await client.send(step.method, fill(step.path, ids), {
    body: fill(step.body, ids),
    headers: step.headers as TestRequest['headers'],
  });
  assertAnswer(answer, step.expected, { ids, before });
  if (step.save !== undefined) ids.set(step.save, answer.body.id);
  return answer;
}
