import { expect } from 'vitest';
import type { Service, TestResponse } from '../service.ts';
import type { ScimClient } from './scim-client.ts';

/** Formats an ID of SCIM as an ID of the native API. */
export const toNativeUserId = (id: string): string => `cradl:user:${id.replaceAll('-', '')}`;

/** Body of a PATCH that replaces these attributes. */
const replaceAttributes = (value: object) => ({
  body: { Operations: [{ op: 'replace', value }] },
});

/** Requests about the users of a SCIM client, and their views in the native API. */
export function createScimUsers(service: Service, client: ScimClient) {
  const { adminToken: token } = client;
  const getNative = async (id: string) =>
    (await service.get(`/v1/users/${toNativeUserId(id)}`, { token })).body;
  return {
    post: (body: object): Promise<TestResponse> => client.send('POST', '/Users', { body }),
    /** Creates a user and returns the ID. */
    create: async (fields: object): Promise<string> => {
      const { status, body, text } = await client.send('POST', '/Users', { body: fields });
      expect({ status, text }).toEqual({ status: 201, text });
      return String(body.id);
    },
    get: async (id: string) => (await client.send('GET', `/Users/${id}`)).body,
    patch: (id: string, value: object): Promise<TestResponse> =>
      client.send('PATCH', `/Users/${id}`, replaceAttributes(value)),
    put: (id: string, body: object): Promise<TestResponse> =>
      client.send('PUT', `/Users/${id}`, { body }),
    remove: (id: string): Promise<TestResponse> => client.send('DELETE', `/Users/${id}`),
    list: async (query: string): Promise<TestResponse> => client.send('GET', `/Users?${query}`),
    getNative,
    changeNative: (id: string, body: object): Promise<TestResponse> =>
      service.send('PATCH', `/v1/users/${toNativeUserId(id)}`, { token, body }),
  };
}
