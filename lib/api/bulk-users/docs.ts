import * as z from 'zod';
import { Failure } from '../../domain/kernel/failure.ts';
import { exampleEmail, exampleUserId } from '../doc-parts.ts';
import type { ResourceDoc } from '../operation-doc.ts';
import { nativeUser } from '../users/native.ts';
import type { BulkUserOperation } from './bulk-user-codec.ts';
import { buildBody, nativeBulkUsers, rowKeyField } from './native.ts';

type CreateSchema = z.ZodPipe<z.ZodPipe<z.ZodTransform, z.ZodObject>, z.ZodTransform>;

/** Row of a request: the fields of a create and a key. */
const rowSchema = () => {
  const { shape } = (nativeUser.createInput() as CreateSchema).in.out;
  return z
    .strictObject({ rowKey: rowKeyField().nullable().optional(), ...shape })
    .meta({ id: 'UserImportRow' });
};

const request = {
  onExisting: 'update',
  users: [
    { rowKey: 'hr-4711', externalId: 'hr-4711', email: exampleEmail, name: 'Jane Smith' },
    { rowKey: 'hr-4712', externalId: 'hr-4712', email: 'ken@example.com', businessRole: 'Buyer' },
    { rowKey: 'hr-4713', externalId: 'hr-4713', email: 'lena@', name: 'Lena' },
    { rowKey: 'hr-4714', externalId: 'hr-4714', email: 'mo@example.com', name: 'Mo' },
  ],
};

const done = { ignoredFields: [], error: null };
const undone = { userId: null, ignoredFields: [] };

const response = {
  results: [
    { index: 0, rowKey: 'hr-4711', outcome: 'created', userId: exampleUserId, ...done },
    {
      index: 1,
      rowKey: 'hr-4712',
      outcome: 'updated',
      userId: 'cradl:user:89abcdef0123456789abcdef01234567',
      ...done,
    },
    {
      index: 2,
      rowKey: 'hr-4713',
      outcome: 'failed',
      ...undone,
      error: {
        code: 'invalid_input',
        message: 'email must be an email address',
        details: { issues: [{ path: 'email', message: 'must be an email address' }] },
      },
    },
    {
      index: 3,
      rowKey: 'hr-4714',
      outcome: 'notProcessed',
      ...undone,
      error: {
        code: 'unavailable',
        message: 'The request ran out of time before this row. Send the row again.',
        details: { retryAfter: 1 },
      },
    },
  ],
  summary: { created: 1, updated: 1, skipped: 0, unchanged: 0, failed: 1, notProcessed: 1 },
};

/** OpenAPI texts of bulk requests. */
export const bulkUserDoc: ResourceDoc<BulkUserOperation> = {
  name: 'User imports',
  description: 'Many users in one request.',
  operations: {
    importUsers: {
      summary: 'Import users',
      description: `Creates up to 100 users, or updates them, each like a request of its own. Every row is validated, decided and written alone, so the status is 200 even if rows fail: read the \`outcome\` of each. Rows run concurrently, except that rows with the same email, username, external ID, identity or row key run in their order.

Requires the permission \`users:create\`. An existing user requires \`users:update\` with \`onExisting: update\`, or \`users:read\` with \`skip\`. An update follows the rules of \`PATCH /v1/users/{userId}\`, without \`If-Match\` for roles. The password of an existing user never changes: \`ignoredFields\` lists fields of the row that only a new user can have.

A row with a \`rowKey\` can be repeated for 24 hours: the same row of the same caller returns the earlier outcome, and another row with the key gets \`idempotency_mismatch\`. Rows that changed nothing are evaluated again. Send a request again with the same row keys after a timeout, and rows with \`notProcessed\` after \`retryAfter\` seconds: they were not started, because the request ran out of time or the caller reached a limit.`,
      content: () => ({
        request: { schema: buildBody(rowSchema()), example: request },
        response: { schema: nativeBulkUsers.response(), example: response },
        responseDescription: 'The result of each row.',
        errors: {
          invalid_input: {
            example: new Failure('invalid_input', 'users must have at most 100 items', {
              details: { issues: [{ path: 'users', message: 'must have at most 100 items' }] },
            }),
          },
        },
      }),
    },
  },
};
