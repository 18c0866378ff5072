import * as z from 'zod';
import type { RowResult } from '../../domain/bulk-users/bulk-row.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { formatId, idPatterns, toHex } from '../../domain/kernel/ids.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { dialects } from '../dialects.ts';
import { statusByCode } from '../errors.ts';
import { parse } from '../parse.ts';
import { isAbsent, requestBody } from '../request-body.ts';
import { nativeUser } from '../users/native.ts';
import type { BulkUserCodec, ParsedRow } from './bulk-user-codec.ts';

const maxRows = 100;

const outcomes = [
  'created',
  'updated',
  'skipped',
  'unchanged',
  'failed',
  'notProcessed',
] as const satisfies readonly RowResult['outcome'][];

/**
 * Fields that only a new user can have. An import never replaces the password of an existing user.
 */
export const createOnlyFields: readonly string[] = [
  'password',
  'passwordHash',
  'acceptWeakPasswordHash',
  'mustChangePassword',
  'sendInvitation',
  'authProvider',
  'status',
  'createdTime',
];

/** Key of a row. An idempotency key has the same format. */
export const rowKeyField = () =>
  z
    .string()
    .regex(/^[!-~]{1,255}$/, 'must have 1 to 255 visible ASCII characters')
    .meta({
      description:
        'Key that makes the row safe to repeat for 24 hours, such as the ID of the row in its source.',
      examples: ['2026-11-30/17'],
    });

const rowKeyInput = buildOnce(() => requestBody({ rowKey: rowKeyField().optional() }));

/** Fields of the body. Rows are validated one by one, because a row fails alone. */
export const buildBody = <Row extends z.ZodType>(row: Row) =>
  requestBody(
    {
      onExisting: z.enum(['fail', 'skip', 'update']).default('fail').meta({
        description:
          'Treatment of a row whose user exists: by `externalId` if the row has one, otherwise by email. `fail` reports `user_exists`, `skip` leaves the user unchanged, and `update` applies the row like `PATCH /v1/users/{userId}`.',
      }),
      dryRun: z.boolean().default(false).meta({
        description:
          'If true, reports the expected outcomes and writes nothing. A forecast: concurrent requests can change the outcomes.',
      }),
      sendInvitations: z.boolean().default(false).meta({
        description:
          'Default of `sendInvitation` for all rows. If false, no row sends an invitation.',
      }),
      users: z.array(row).min(1).max(maxRows).meta({ description: 'Rows: one user each.' }),
    },
    'UserImport',
  );

const count = (description: string) => z.int().min(0).meta({ description });

const response = responseSchema(() =>
  z
    .strictObject({
      results: z
        .array(
          z
            .strictObject({
              index: z.int().min(0).meta({ description: 'Index of the row.' }),
              rowKey: z.string().nullable().meta({ description: 'Row key, if the row has one.' }),
              outcome: z.enum(outcomes).meta({ description: 'Effect of the row.' }),
              userId: z.string().regex(idPatterns.user).nullable().meta({
                description: 'ID of the user. Null without one, and for a user of a dry run.',
              }),
              ignoredFields: z.array(z.string()).meta({
                description: 'Fields of the row that apply only to new users, if the user exists.',
              }),
              error: z
                .strictObject({
                  code: z.string().meta({
                    description: 'Error code of a single request.',
                    enum: Object.keys(statusByCode),
                  }),
                  message: z.string(),
                  details: z
                    .looseObject({})
                    .meta({ description: 'Facts about the error. Paths start at the row.' }),
                  notices: z
                    .array(z.string())
                    .optional()
                    .meta({ description: 'Reasons given by the policies that decided.' }),
                })
                .nullable()
                .meta({ description: 'Error of a row that failed or was not processed.' }),
            })
            .meta({ id: 'UserImportResult' }),
        )
        .meta({ description: 'Results in the order of the rows.' }),
      summary: z
        .strictObject({
          created: count('Users created.'),
          updated: count('Users updated.'),
          skipped: count('Existing users left unchanged with `skip`.'),
          unchanged: count('Existing users who already had all values.'),
          failed: count('Rows with an error. The other rows are not affected.'),
          notProcessed: count('Rows to send again.'),
        })
        .meta({ description: 'Number of rows per outcome.' }),
    })
    .meta({ id: 'UserImportResults' }),
);

type Fields = Readonly<Record<string, unknown>>;

const omitFields = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Returns the failure of a row that is not valid. */
function catchFailure<Result>(work: () => Result): Result | Failure {
  try {
    return work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function parseRow(row: Fields): ParsedRow {
  const { rowKey: sentKey, ...fields } = row;
  const presentFields = createOnlyFields.filter((name) => !isAbsent(name, fields[name]));
  const parsedKey = catchFailure(() => parse(rowKeyInput(), { rowKey: sentKey }));
  if (parsedKey instanceof Failure)
    return { rowKey: undefined, row: parsedKey, createOnlyFields: presentFields };
  const { rowKey } = parsedKey;
  const parsed = catchFailure(() => ({
    rowKey,
    createInput: parse(nativeUser.createInput(), fields),
    parseUpdate: () => parse(nativeUser.updateInput(), omitFields(fields, createOnlyFields)),
    body: fields,
  }));
  return { rowKey, row: parsed, createOnlyFields: presentFields };
}

function toError(failure: Failure): object {
  const { details, ...error } = dialects.native.renderError(failure, '').body as {
    readonly details: object;
  };
  return { ...error, details: omitFields({ ...details }, ['requestId']) };
}

/** Bulk requests of the native API. */
export const nativeBulkUsers: BulkUserCodec = {
  input: buildOnce(() => buildBody(z.record(z.string(), z.unknown()))),
  parseRow,
  response,
  toResponse: (results, idPrefix) => ({
    results: results.map(({ parsed, result }, index) => {
      const userId = 'userId' in result ? result.userId : undefined;
      const isExisting = result.outcome === 'updated' || result.outcome === 'unchanged';
      return {
        index,
        rowKey: parsed.rowKey ?? null,
        outcome: result.outcome,
        userId: userId === undefined ? null : formatId(idPrefix, 'user', toHex(userId)),
        ignoredFields: isExisting ? parsed.createOnlyFields : [],
        error: 'failure' in result ? toError(result.failure) : null,
      };
    }),
    summary: Object.fromEntries(
      outcomes.map((outcome) => [
        outcome,
        results.filter(({ result }) => result.outcome === outcome).length,
      ]),
    ),
  }),
};
