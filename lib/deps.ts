import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type HashingCost, owaspCost } from './domain/passwords.ts';
import { deployedPolicy, type Policy } from './domain/policy.ts';
import { issuersSchema } from './http/issuers.ts';
import { tokenVerifier } from './http/tokens.ts';
import { keyring } from './store/keyring.ts';
import { passwordHashes } from './store/password-hashes.ts';
import type { Tables } from './store/tables.ts';
import { tenantStore } from './store/tenants.ts';
import { userStore } from './store/users.ts';

const environmentSchema = z.object({
  DIRECTORY_TABLE: z.string().min(3),
  SECRETS_TABLE: z.string().min(3),
  ISSUERS: z.string().transform((text) => issuersSchema.parse(JSON.parse(text))),
  TENANT_HOST_SUFFIX: z.string().min(1).optional(),
  ID_PREFIX: z.enum(['cradl', 'las']).default('cradl'),
  /** For how many days a deleted user can be restored. */
  RESTORE_DAYS: z.coerce.number().int().min(0).max(3650).default(30),
  PASSWORD_MIN_LENGTH: z.coerce.number().int().min(8).max(64).default(15),
});

/** What a test may set otherwise. */
interface Replacements {
  readonly now?: () => Date;
  readonly hashingCost?: HashingCost;
  readonly policy?: Policy;
}

export type Deps = ReturnType<typeof createDeps>;

/**
 * Environment → dependencies: the one place where store and domain meet, and the only reader of `process.env` and of the
 * clock. Throws when the environment is not what it should be, so that a function never runs with half a configuration.
 */
export function createDeps({ now = () => new Date(), hashingCost = owaspCost, policy = deployedPolicy() }: Replacements = {}) {
  const environment = environmentSchema.parse(process.env);
  const milliseconds = () => now().getTime();
  const client = new DynamoDBClient({
    // The SDK has none of its own, and a function must be able to answer before it is stopped.
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
  // It copies every input and output for a log that nobody keeps.
  client.middlewareStack.remove('loggerMiddleware');
  const tables: Tables = {
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    directory: environment.DIRECTORY_TABLE,
    secrets: environment.SECRETS_TABLE,
  };
  return {
    now,
    policy,
    hashingCost,
    minimumPasswordLength: environment.PASSWORD_MIN_LENGTH,
    restorableFor: environment.RESTORE_DAYS * 24 * 3600 * 1000,
    idPrefix: environment.ID_PREFIX,
    tenantHostSuffix: environment.TENANT_HOST_SUFFIX?.toLowerCase(),
    verifyToken: tokenVerifier(environment.ISSUERS, milliseconds),
    tenants: tenantStore(tables, milliseconds),
    users: userStore(tables, milliseconds),
    passwordHashes: passwordHashes(tables),
    keyring: keyring(tables),
  };
}
