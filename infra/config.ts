import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { RemovalPolicy } from 'aws-cdk-lib';
import * as z from 'zod';
import { parse } from '../lib/api/parse.ts';
import { Failure } from '../lib/domain/kernel/failure.ts';
import {
  isReservedPermission,
  maxDeclaredLength,
  maxDeclaredPermissions,
  maxPermissionLength,
  permissionPattern,
} from '../lib/domain/access/permissions.ts';
import { cradlIdPrefixes, idPrefixPattern } from '../lib/domain/kernel/ids.ts';
import { inviteSourcesSchema } from '../lib/events/invite-sources.ts';
import type { SigningKeyArns } from '../lib/deps/environment.ts';
import { issuersSchema } from '../lib/api/auth/issuers.ts';
import { dialectNames } from '../lib/api/path-routes.ts';
import { toAsciiAddress } from '../lib/domain/mail/senders.ts';

/** Retention periods that CloudWatch Logs accepts, in days. */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
] as const;

/** Limit of Lambda for the names and values of all variables of a function. */
const environmentBytes = 4096;

/** Placeholder for a name that AWS generates, at its maximum length. */
const placeholderName = 'x'.repeat(100);

const loopback =
  /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/;

const isPublicHttps = (value: string): boolean => {
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' && !loopback.test(hostname);
};

const domainName = z
  .string()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'must be a domain name in lower case',
  );

/** Issuers of a deployment. Unlike local ones, they require https and public hosts. */
const deployedIssuers = issuersSchema.superRefine((issuers, context) => {
  for (const [index, issuer] of issuers.entries()) {
    for (const key of ['issuer', 'jwksUri'] as const) {
      const url = issuer[key];
      if (url !== undefined && !isPublicHttps(url)) {
        context.addIssue({
          code: 'custom',
          path: [index, key],
          message: 'must be an https URL of a public host',
        });
      }
    }
  }
});

const deploymentName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,31}$/,
    'must be 1 to 32 letters, digits and hyphens, and begin with a letter',
  );

const tenantHost = z
  .strictObject({
    suffix: domainName.describe('Host of a tenant: `<slug>.<suffix>`'),
    hostedZone: z.strictObject({
      id: z
        .string()
        .regex(
          /^Z[A-Z0-9]+$/,
          'must be the id of a Route 53 hosted zone, as in Z0123456789ABCDEFGHIJ',
        )
        .describe('ID of the Route 53 hosted zone'),
      name: domainName.describe('Domain name of the zone: the suffix or a parent domain'),
    }),
    certificateArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
        'must be the ARN of an ACM certificate for *.<suffix>',
      )
      .describe('ARN of an ACM certificate for `*.<suffix>`'),
  })
  .refine(({ suffix, hostedZone }) => `.${suffix}`.endsWith(`.${hostedZone.name}`), {
    path: ['suffix'],
    message: 'must lie in the hosted zone',
  });

const corsOrigin = z
  .string()
  .refine(
    (value) =>
      URL.canParse(value) && new URL(value).origin === value && value.startsWith('https://'),
    'must be an https origin without a path, as in https://app.example.com',
  );

/** Sender of emails, with its domain in lower case, as SES and IAM compare it. */
const mailAddress = z.email('must be an email address').transform(toAsciiAddress);

/** Email. The limits protect the reputation of the account at SES. */
const mail = z.strictObject({
  from: mailAddress.describe(
    'Default sender of emails. SES must have verified the address or its domain',
  ),
  senders: z
    .array(z.union([domainName, mailAddress], 'must be an email address or a domain name'))
    .prefault([])
    .describe(
      'Addresses and domains from which tenants can send. SES must have verified each, or a parent domain',
    ),
  perSecond: z
    .int()
    .min(1)
    .default(14)
    .describe('Emails per second, at most the `MaxSendRate` of the SES account'),
  concurrency: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Concurrent executions of the mailer, reserved from the quota of the account. Each sends an equal part of `perSecond`. By default none are reserved, and each execution sends half',
    ),
  perTenantHour: z
    .int()
    .min(1)
    .max(100_000)
    .default(500)
    .describe(
      'Invitation emails of a tenant per hour. Its verification links have a limit of the same number',
    ),
  perRecipientDay: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe(
      'Invitation emails from a tenant to an address per day. All tenants together can send 10 times as many',
    ),
});

/**
 * Limits on requests. API Gateway also counts requests that are then refused, so the limit of a
 * tenant should be a small part.
 */
const archive = z.strictObject({
  objectLock: z
    .enum(['governance', 'compliance'])
    .default('governance')
    .describe(
      'Mode of Object Lock. With `compliance`, even the root user of the account cannot delete an object early',
    ),
  days: z
    .int()
    .min(1)
    .max(36_500)
    .default(400)
    .describe('Days for which an object is locked. Afterwards it is deleted'),
});

const throttle = z
  .strictObject({
    rate: z
      .int()
      .min(1)
      .describe(
        'Requests per second of all tenants together, including requests that are then refused',
      ),
    burst: z.int().min(1).describe('Requests of all tenants together at once'),
    perTenant: z
      .int()
      .min(1)
      .optional()
      .describe('Requests per second of a tenant, over 10 s. Default: 50, but at most `rate`'),
    unitsPerTenant: z
      .int()
      .min(1)
      .default(2000)
      .describe(
        'Read and write units per second of a tenant, over 10 s. A table has 40,000 of each by default',
      ),
    principalShare: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe("Part of a tenant's limits that one caller can use"),
  })
  .transform(({ perTenant, ...limits }) => ({
    ...limits,
    perTenant: perTenant ?? Math.min(50, limits.rate),
  }))
  .refine(({ rate, perTenant }) => perTenant <= rate, {
    path: ['perTenant'],
    message: 'must not be above rate',
  });

/** IDs of KMS keys. docs/operate.md describes their rotation. */
const macKeys = z
  .array(z.string().regex(/^[a-z0-9]{1,8}$/, 'must be 1 to 8 lower-case letters and digits'))
  .min(1)
  .max(5)
  .refine((ids) => new Set(ids).size === ids.length, 'must differ');

/** Ports for https on which no other well-known protocol runs. */
const webhookPorts = z
  .array(z.literal([443, 8443], 'must be 443 or 8443'))
  .min(1)
  .refine((ports) => new Set(ports).size === ports.length, 'must differ');

/** IDs of the keys for access tokens. docs/operate.md describes their rotation. */
const signingKeyId = z
  .string()
  .regex(/^[a-z0-9]{1,8}$/, 'must be 1 to 8 lower-case letters and digits');
const signingKeys = z
  .strictObject({
    current: signingKeyId.describe('ID of the key that signs access tokens'),
    next: signingKeyId.optional().describe('ID of the key that will sign next'),
    previous: signingKeyId.optional().describe('ID of the key that signed before'),
  })
  .refine(
    ({ current, next, previous }) =>
      current !== next && current !== previous && (next === undefined || next !== previous),
    'must differ',
  );

const issuerUrl = z
  .url({ abort: true })
  .refine(
    (value) => isPublicHttps(value) && !/[?#]|\/$/.test(value),
    'must be an https URL of a public host, without a query or a trailing slash',
  )
  // Okta refuses base URLs of SCIM with one.
  .refine((value) => !value.includes('_'), 'must have no underscore');

/** Audience of another service. It is an absolute URI without a fragment (RFC 8707 §2). */
const resourceServer = z
  .string()
  .max(512)
  .refine(
    (value) => URL.canParse(value) && !/[#\s]/.test(value),
    'must be an absolute URI without a fragment, as in https://billing.example.com',
  );

const dnsResolvers = z
  .array(
    z
      .string()
      .refine(
        (address) => address === 'system' || isIP(address) !== 0,
        'must be system or an IP address',
      ),
  )
  .min(1)
  .max(3)
  .refine((addresses) => new Set(addresses).size === addresses.length, 'must differ');

const declaredPermission = z
  .string()
  .max(maxPermissionLength)
  .regex(permissionPattern, 'must be a resource and an action, as in invoices:approve')
  .refine((name) => !isReservedPermission(name), {
    error: ({ input }) =>
      `must have another resource, because ${String(input).split(':')[0]} belongs to Roster`,
  });

/** Permissions of the team's own services. */
const declaredPermissions = z
  .array(declaredPermission)
  .max(maxDeclaredPermissions)
  .refine((names) => new Set(names).size === names.length, 'must differ')
  .refine(
    (names) => names.join('').length <= maxDeclaredLength,
    `must have at most ${maxDeclaredLength} characters together, because access tokens list them`,
  );

/** APIs to deploy. The pages of email links use the native one. */
const dialects = z
  .array(z.enum(dialectNames))
  .refine((names) => names.includes('native'), 'must include native, which the pages of links use')
  .refine((names) => new Set(names).size === names.length, 'must differ');

/**
 * Configuration of a deployment. `alarmTopicArn` and `mail.from` are required. Descriptions appear
 * in docs/configuration.md.
 */
export const configSchema = z
  .strictObject({
    name: deploymentName
      .default('Roster')
      .describe(
        'Name of the stack and of its metrics and, in lower case, of the event bus and the SES configuration set. Deployments in one account and region need different names',
      ),
    alarmTopicArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'must be the ARN of an SNS topic')
      .describe('ARN of the SNS topic for alarms'),
    mail: mail.describe('Email'),
    issuers: deployedIssuers.default([]).describe('Other issuers whose access tokens are accepted'),
    resourceServers: z
      .array(resourceServer)
      .max(20)
      .refine((audiences) => new Set(audiences).size === audiences.length, 'must differ')
      .default([])
      .describe('Audiences of your other services. Roster accepts no tokens for them'),
    issuerUrl: issuerUrl
      .optional()
      .describe('Issuer of the access tokens: the public address of the API. Default: `ApiUrl`'),
    tenantHost: tenantHost
      .optional()
      .describe('Wildcard domain of the API, with a host for each tenant'),
    defaultEndpoint: z
      .boolean()
      .default(true)
      .describe(
        'If false, the API answers only at tenant hosts. Requires `tenantHost` and `issuerUrl`',
      ),
    dialects: dialects.default([...dialectNames]).describe('APIs to deploy. `native` is required'),
    idPrefix: z
      .string()
      .regex(
        idPrefixPattern,
        'must be 1 to 32 lower-case letters, digits and hyphens, and begin with a letter',
      )
      .default('cradl')
      .describe(
        "Prefix of IDs in responses and access tokens, except in Cradl's API. Requests accept every prefix",
      ),
    cradlIdPrefix: z
      .enum(cradlIdPrefixes)
      .default('cradl')
      .describe("Prefix of IDs in responses of Cradl's API"),
    permissions: declaredPermissions
      .default([])
      .describe(
        'Permissions of your own services, such as `invoices:approve`, that roles can have and access tokens list. At most 200, with 2,000 characters together',
      ),
    dnsResolvers: dnsResolvers
      .default(['system'])
      .describe(
        'Resolvers that must all return the DNS record of a domain: `system` for the resolver of AWS, or IP addresses',
      ),
    corsOrigins: z
      .array(corsOrigin)
      .default([])
      .describe('Origins of web pages that can call the API from a browser'),
    passwordMinLength: z
      .int()
      .min(8)
      .max(64)
      .default(15)
      .describe('Minimum number of characters in a new password. A tenant can set a higher number'),
    invitationDays: z
      .int()
      .min(1)
      .max(30)
      .default(7)
      .describe('Days until an invitation expires. A tenant can set its own number'),
    restoreDays: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe(
        'Days in which a deleted user, group or tenant can be restored. Afterwards the memberships of the group are removed, and the tenant is erased. Data of a user is kept until the user is erased',
      ),
    archive: archive.prefault({}).describe('Bucket of exported events'),
    throttle: throttle.prefault({ rate: 500, burst: 1000 }).describe('Limits on requests'),
    inviteSources: inviteSourcesSchema
      .default([])
      .describe('Systems that can request invitations by events'),
    linkKeys: macKeys
      .default(['1'])
      .describe('IDs of the keys for email links. The first one signs, all verify'),
    webhookKeys: macKeys
      .default(['1'])
      .describe(
        'IDs of the keys from which the secrets of webhooks derive. New secrets use the first one',
      ),
    webhookPorts: webhookPorts
      .default([443])
      .describe('Ports that the URLs of webhooks can have: 443, 8443'),
    webhookConcurrency: z
      .int()
      .min(2)
      .max(1000)
      .optional()
      .describe(
        'Concurrent executions of the function that delivers to webhooks, reserved from the quota of the account. By default none are reserved',
      ),
    signingKeys: signingKeys
      .default({ current: '1' })
      .describe('IDs of the keys for access tokens'),
    events: z
      .enum(['on', 'off'])
      .default('on')
      .describe(
        'If `off`, no changes are numbered, and the routes of the feed, the audit log and webhooks respond with 409',
      ),
    auditDays: z
      .int()
      .min(30)
      .max(3650)
      .default(400)
      .describe('Days for which the event feed and the audit log are kept'),
    logRetentionDays: z
      .literal(logRetentionDays, `must be one of ${logRetentionDays.join(', ')}`)
      .default(90)
      .describe('Days for which logs are kept'),
    logClientAddresses: z
      .boolean()
      .default(false)
      .describe(
        'If true, the access log of the gateway has client addresses and is kept for 30 days',
      ),
    removalPolicy: z
      .enum(['retain', 'destroy'])
      .default('retain')
      .describe(
        'Fate of tables, logs and keys when the stack is deleted. `retain` also protects the tables from deletion',
      ),
  })
  .refine(({ issuers, issuerUrl }) => issuers.every(({ issuer }) => issuer !== issuerUrl), {
    path: ['issuerUrl'],
    message: 'must not be the issuer of an entry in issuers',
  })
  .refine(
    ({ resourceServers, issuerUrl }) =>
      resourceServers.every(
        (audience) => issuerUrl === undefined || !`${audience}/`.startsWith(`${issuerUrl}/`),
      ),
    {
      path: ['resourceServers'],
      message: 'must not lie below issuerUrl, which is Roster itself',
    },
  )
  .refine(
    ({ defaultEndpoint, tenantHost, issuerUrl }) =>
      defaultEndpoint || (tenantHost !== undefined && issuerUrl !== undefined),
    {
      path: ['defaultEndpoint'],
      message:
        'must be true unless tenantHost and issuerUrl are set, because the API needs an address',
    },
  )
  .superRefine((config, context) => {
    const variables = functionEnvironment(config, buildPlaceholderNames(config));
    const bytes = Buffer.byteLength(Object.entries(variables).flat().join(''));
    if (bytes > environmentBytes) {
      context.addIssue({
        code: 'custom',
        path: findLongestSetting(variables),
        message: `must be shorter: the environment of a function would take ${bytes} bytes, and Lambda allows ${environmentBytes}. In issuers, key sets by value (jwks) are long`,
      });
    }
  });

export type Config = z.infer<typeof configSchema>;

/** Names and ARNs of the resources in the stack. */
export interface StackNames {
  readonly directoryTable: string;
  readonly secretsTable: string;
  /** IDs and ARNs. The first key signs new links. */
  readonly linkKeys: readonly { readonly id: string; readonly key: string }[];
  /** New secrets of webhooks derive from the first key. */
  readonly webhookKeys: readonly { readonly id: string; readonly key: string }[];
  readonly mailConfigurationSet: string;
  readonly eventBus: string;
  readonly archiveUrl?: string;
  readonly signingKeys: SigningKeyArns;
  /** Undefined without an event feed. */
  readonly checkpointKey?: string;
  readonly apiUrl: string;
  /** URL that API Gateway assigned. Undefined if it is closed. */
  readonly apiEndpoint?: string;
}

const buildPlaceholderNames = ({
  linkKeys,
  webhookKeys,
  signingKeys,
}: Pick<z.infer<typeof configSchema>, 'linkKeys' | 'webhookKeys' | 'signingKeys'>): StackNames => ({
  directoryTable: placeholderName,
  secretsTable: placeholderName,
  linkKeys: linkKeys.map((id) => ({ id, key: placeholderName })),
  webhookKeys: webhookKeys.map((id) => ({ id, key: placeholderName })),
  mailConfigurationSet: placeholderName,
  eventBus: placeholderName,
  archiveUrl: placeholderName,
  signingKeys: {
    ...signingKeys,
    ...Object.fromEntries(Object.keys(signingKeys).map((name) => [name, placeholderName])),
  },
  checkpointKey: placeholderName,
  apiUrl: placeholderName,
});

/** Finds the path of the setting that takes most of the environment. */
const findLongestSetting = ({
  ISSUERS = '',
  INVITE_SOURCES = '',
  MAIL_SENDERS = '',
  PERMISSIONS = '',
}: Record<string, string>): string[] => {
  const settingsByLength: [number, ...string[]][] = [
    [ISSUERS.length, 'issuers'],
    [INVITE_SOURCES.length, 'inviteSources'],
    [MAIL_SENDERS.length, 'mail', 'senders'],
    [PERMISSIONS.length, 'permissions'],
  ];
  const [, ...path] = settingsByLength.reduce((longest, other) =>
    other[0] > longest[0] ? other : longest,
  );
  return path;
};

/** Lists the addresses and domains that can send email. */
export const listSenders = ({ from, senders }: Config['mail']): string[] => [
  ...new Set([from, ...senders]),
];

/** Environment of the functions. `lib/deps/` reads it. */
export const functionEnvironment = (
  {
    name,
    issuers,
    tenantHost,
    idPrefix,
    cradlIdPrefix,
    permissions,
    passwordMinLength,
    restoreDays,
    invitationDays,
    throttle,
    mail,
    inviteSources,
    dnsResolvers,
    webhookPorts,
    issuerUrl,
    resourceServers,
    events,
    auditDays,
  }: z.infer<typeof configSchema>,
  {
    directoryTable,
    secretsTable,
    linkKeys,
    webhookKeys,
    mailConfigurationSet,
    eventBus,
    archiveUrl,
    signingKeys,
    checkpointKey,
    apiUrl,
    apiEndpoint,
  }: StackNames,
): Record<string, string> => ({
  DIRECTORY_TABLE: directoryTable,
  SECRETS_TABLE: secretsTable,
  DEPLOYMENT: name,
  ISSUERS: JSON.stringify(issuers),
  ID_PREFIX: idPrefix,
  CRADL_ID_PREFIX: cradlIdPrefix,
  ...(permissions.length > 0 && { PERMISSIONS: permissions.join() }),
  PASSWORD_MIN_LENGTH: String(passwordMinLength),
  RESTORE_DAYS: String(restoreDays),
  ...(tenantHost && { TENANT_HOST_SUFFIX: tenantHost.suffix }),
  LINK_KEYS: JSON.stringify(linkKeys),
  WEBHOOK_KEYS: JSON.stringify(webhookKeys),
  WEBHOOK_PORTS: JSON.stringify(webhookPorts),
  ...(apiEndpoint !== undefined && { API_ENDPOINT: apiEndpoint }),
  INVITATION_DAYS: String(invitationDays),
  TENANT_REQUESTS_PER_SECOND: String(throttle.perTenant),
  TENANT_UNITS_PER_SECOND: String(throttle.unitsPerTenant),
  PRINCIPAL_SHARE: String(throttle.principalShare),
  MAIL_FROM: mail.from,
  MAIL_SENDERS: listSenders(mail).join(','),
  MAIL_CONFIGURATION_SET: mailConfigurationSet,
  MAILS_PER_TENANT_HOUR: String(mail.perTenantHour),
  MAILS_PER_RECIPIENT_DAY: String(mail.perRecipientDay),
  MAILS_PER_SECOND: String(mail.perSecond / (mail.concurrency ?? 2)),
  EVENT_BUS: eventBus,
  EVENTS: events,
  AUDIT_DAYS: String(auditDays),
  ...(archiveUrl !== undefined && { ARCHIVE_URL: archiveUrl }),
  INVITE_SOURCES: JSON.stringify(inviteSources),
  DNS_RESOLVERS: dnsResolvers.join(),
  SIGNING_KEYS: JSON.stringify(signingKeys),
  ...(checkpointKey !== undefined && { CHECKPOINT_KEY: checkpointKey }),
  OWN_ISSUER: JSON.stringify({
    issuer: issuerUrl ?? apiUrl,
    audience: issuerUrl ?? apiUrl,
    resourceServers,
  }),
});

/** Name of the event bus and of the SES configuration set. */
export const toResourceName = ({ name }: Pick<Config, 'name'>): string => name.toLowerCase();

/** Removal policy of resources with data. */
export const toRemovalPolicy = (config: Config): RemovalPolicy =>
  config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

/**
 * Reads and checks a configuration with `overrides`. Errors name the file, the field and what is
 * expected.
 */
export const readConfig = (file: unknown, overrides: object = {}): Config => {
  if (typeof file !== 'string')
    throw new Error(
      'No configuration: name its file with --context config=FILE. infra/example.config.json has every setting.',
    );
  const content = parseJson(file);
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
  try {
    return parse(configSchema, isObject ? { ...content, ...overrides } : content);
  } catch (error) {
    const issues = error instanceof Failure ? (error.details.issues ?? []) : [];
    if (issues.length === 0) throw error;
    const problems = issues.map(
      ({ path, message }) =>
        `  ${path.replaceAll(/\.(\d+)/g, '[$1]') || '(the whole file)'}: ${message}`,
    );
    throw new Error(`${file} is not a valid configuration:\n${problems.join('\n')}`, {
      cause: error,
    });
  }
};

const parseJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
};
