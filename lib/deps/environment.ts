import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { createSdkClient } from '../aws/sdk-client.ts';
import { chargeConsumption } from '../store/dynamodb/charge-consumption.ts';
import type { Permission } from '../domain/access/permissions.ts';
import { idPrefixPattern } from '../domain/kernel/ids.ts';
import type { Tables } from '../store/dynamodb/tables.ts';

/** Environment variables of a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the variables of a function. Throws if one is missing or invalid. Without a compiled
 * parser, because a process parses them once.
 */
export const parseEnvironment = <Output>(schema: z.ZodType<Output>, env: Environment): Output =>
  schema.parse(env, { jitless: true });

/** Variable that contains JSON. */
export const json = <Schema extends z.ZodType>(schema: Schema) =>
  z.transform((text: unknown, { issues }): z.output<Schema> => {
    const input: unknown = typeof text === 'string' ? JSON.parse(text) : text;
    const { data, error } = schema.safeParse(input, { jitless: true });
    issues.push(...((error?.issues ?? []) as z.core.$ZodRawIssue[]));
    return data as z.output<Schema>;
  });

interface NumberOptions {
  readonly min: number;
  readonly max?: number;
  /** Absent if the variable is required. */
  readonly fallback?: number;
}

const numberSetting =
  (accepts: (value: number) => boolean, expectation: string) =>
  ({ min, max = Infinity, fallback }: NumberOptions) =>
    z.transform((text: unknown, { issues }): number => {
      const value = text === undefined ? (fallback ?? NaN) : Number(text);
      if (!accepts(value) || value < min || value > max)
        issues.push({
          code: 'custom',
          message: `must be ${expectation} in the documented range`,
          input: undefined,
        });
      return value;
    });

/** Whole number. One zod object instead of the 8 of a method chain shortens cold starts. */
export const integer = numberSetting(Number.isInteger, 'a whole number');

/** Number. */
export const decimal = numberSetting(Number.isFinite, 'a number');

/** Shared, because every cold start builds these schemas. */
const text = z.string().min(1);

export const tablesSchema = z.object({
  DIRECTORY_TABLE: z.string().min(3),
  SECRETS_TABLE: z.string().min(3),
});

/** A request to `<slug>.<suffix>` names the tenant with this slug. */
export const tenantHostSuffixSchema = text.toLowerCase().optional();

/** Prefix of IDs in responses and access tokens. */
export const idPrefixSchema = z.string().regex(idPrefixPattern).default('cradl');

/** Permissions that the deployment declares, separated by commas. */
export const declaredPermissionsSchema = text
  .optional()
  .transform((list) => (list?.split(',') ?? []) as Permission[]);

/** ARNs of the keys for Roster's access tokens. `current` signs; all verify. */
export const signingKeysSchema = json(
  z.strictObject({
    current: text,
    next: text.optional(),
    previous: text.optional(),
  }),
);
export type SigningKeyArns = z.infer<typeof signingKeysSchema>;

/** Lists the ARNs, `current` first. */
export const listKeyArns = ({ current, next, previous }: SigningKeyArns): string[] =>
  [current, next, previous].filter((arn) => arn !== undefined);

/** Roster as an issuer: `iss`, `aud`, and the audiences of other resource servers. */
export const ownIssuerSchema = json(
  z.strictObject({
    issuer: z.url(),
    audience: text,
    resourceServers: z.array(text).default([]),
  }),
);

type AwsService = 'DYNAMODB' | 'EVENTBRIDGE' | 'KMS' | 'SESV2';

/** SDK client settings. The SDK reads the same two variables, but only from `process.env`. */
export function createSdkConfig(env: Environment, service: AwsService) {
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`];
  const maxAttempts = env['AWS_MAX_ATTEMPTS'];
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(maxAttempts !== undefined && { maxAttempts: Number(maxAttempts) }),
  };
}

export function createTables(
  { DIRECTORY_TABLE, SECRETS_TABLE }: z.infer<typeof tablesSchema>,
  env: Environment,
): Tables {
  const client = createSdkClient(DynamoDBClient, createSdkConfig(env, 'DYNAMODB'));
  chargeConsumption(client);
  return {
    client: DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    }),
    directory: DIRECTORY_TABLE,
    secrets: SECRETS_TABLE,
  };
}

/** Bucket of the archive, with the region and credentials that Lambda sets. */
export const archiveSchema = z.object({
  ARCHIVE_URL: z.url(),
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
  AWS_SESSION_TOKEN: z.string().optional(),
  AWS_MAX_ATTEMPTS: integer({ min: 1, fallback: 3 }),
});

/** The signer of S3 requests does not read the environment. */
export const createS3Config = ({
  AWS_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
  AWS_MAX_ATTEMPTS,
}: z.infer<typeof archiveSchema>) => ({
  maxAttempts: AWS_MAX_ATTEMPTS,
  region: AWS_REGION,
  credentials: {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  },
});
