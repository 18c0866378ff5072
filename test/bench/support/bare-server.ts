/**
 * Baseline for comparison: `node:http` and the AWS SDK. It reads and writes the same items under
 * the same conditions and hashes passwords at the same cost, without tokens, policies and
 * validation.
 */
import { argon2, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { builtInRoles } from '../../../lib/domain/roles/role.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { newInvitation } from './new-invitation.ts';

const { DIRECTORY_TABLE: directory, SECRETS_TABLE: secrets } = process.env;
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

const server = createServer((request, response) => {
  answer(request).then(
    ({ status, body }) => {
      const text = JSON.stringify(body);
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        })
        .end(text);
    },
    (error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
process.once('disconnect', () => process.exit());

/** Paths: `/<tenantId>/users` and `/<tenantId>/users/<userId>`. */
async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const [, tenantId = '', , userId = ''] = request.url?.split('/') ?? [];
  if (request.method === 'POST')
    return {
      status: 201,
      body: await createUser(tenantId, JSON.parse(await text(request)) as Body),
    };
  const { Item } = await client.send(
    new GetCommand({ TableName: directory, Key: userKey(tenantId, userId), ConsistentRead: true }),
  );
  return { status: Item ? 200 : 404, body: Item };
}

interface Body {
  readonly email: string;
  readonly name: string;
  readonly roleIds?: readonly string[];
  readonly password?: string;
}

async function createUser(tenantId: string, { email, name, roleIds = [], password }: Body) {
  const userId = randomUUID();
  const now = new Date();
  const owner = { schemaVersion, tenantId, userId };
  const createdBy = randomUUID();
  const listed = {
    email,
    name,
    roles: roleIds.map((id) => id.split(':')[2]),
    authProvider: 'local',
    profileId: randomUUID(),
    status: password === undefined ? 'invite_pending' : 'active',
    emailVerified: false,
    createdAt: now.toISOString(),
    createdBy,
    ...(password !== undefined && { isPasswordSetByOther: true }),
  };
  const limit = limitBy(now);
  const invitation = invitationBy(createdBy, now);
  const view = {
    ...listed,
    ...(password === undefined
      ? { invitation: { version: 1, expiresAt: invitation.expiresAt } }
      : { credentialLimits: { password: { permissions: limit.permissions } } }),
  };
  const user = {
    ...owner,
    ...listed,
    hasAvatar: false,
    version: 1,
    ...(password !== undefined && { credentialLimits: { password: limit } }),
    ...(password === undefined && {
      invitation,
      dueAt: now.toISOString(),
      outboxShard: userId.slice(0, 1),
    }),
    creation: {
      requestId: randomBytes(11).toString('base64url'),
      issuer: 'http://localhost:00000',
      policies: ['create-user'],
    },
  };
  const put = (TableName: string | undefined, Item: object) => ({
    TableName,
    Item,
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  const claim = put(directory, {
    pk: `TENANT#${tenantId}#USERS`,
    sk: `EMAIL#${email.toLowerCase()}`,
    ...owner,
    version: 1,
    view: JSON.stringify(view),
  });
  const puts = [
    { ...claim, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const },
    put(directory, { ...userKey(tenantId, userId), ...user }),
  ];
  if (password !== undefined) {
    puts.push(
      put(secrets, {
        ...userKey(tenantId, userId),
        sk: 'SECRET',
        ...owner,
        passwordHash: await hash(password),
      }),
    );
    puts.push(
      put(directory, {
        ...userKey(tenantId, userId),
        sk: 'NOTICE#0000000001',
        ...owner,
        ...newNotice(email, userId, now),
      }),
    );
  }
  await client.send(
    new TransactWriteCommand({
      ClientRequestToken: userId,
      TransactItems: puts.map((Put) => ({ Put })),
    }),
  );
  return user;
}

/** Stored invitation, which omits values of its user. */
function invitationBy(administrator: string, now: Date) {
  const { invitedAt: _at, invitedBy: _by, inviter, ...others } = newInvitation(now, administrator);
  const { subject: _subject, ...storedInviter } = inviter;
  return { ...others, inviter: storedInviter };
}

/** Credential limit of a password that an administrator sets. */
const limitBy = (now: Date) => ({
  permissions: builtInRoles
    .find(({ slug }) => slug === 'admin')
    ?.permissions.toSorted()
    .join(' '),
  setBy: randomUUID(),
  setAt: now.toISOString(),
});

/** Pending notice for a user who is created with a password. */
const newNotice = (email: string, userId: string, now: Date) => ({
  email,
  version: 1,
  details: ['account'],
  changedAt: now.toISOString(),
  dueAt: now.toISOString(),
  outboxShard: userId.slice(0, 1),
  attempts: 0,
  rejections: 0,
  revision: 0,
  ttl: Math.ceil(now.getTime() / 1000) + 86_400,
});

const userKey = (tenantId: string, userId: string) => ({
  pk: `TENANT#${tenantId}#USER#${userId}`,
  sk: 'USER',
});

async function hash(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await promisify(argon2)('argon2id', {
    message: password,
    nonce,
    memory: 19_456,
    passes: 2,
    parallelism: 1,
    tagLength: 32,
  });
  return `$argon2id$v=19$m=19456,t=2,p=1$${nonce.toString('base64')}$${tag.toString('base64')}`;
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
