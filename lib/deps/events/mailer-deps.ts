import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { macKeysSchema } from '../settings.ts';
import { createKmsMacKeys } from '../../aws/kms-mac-keys.ts';
import { createSesMailer } from '../../aws/ses-mailer.ts';
import type { TestOverrides } from '../http-deps.ts';
import { createPacedMailer } from '../../domain/mail/paced-mailer.ts';
import {
  createSdkConfig,
  createTables,
  decimal,
  declaredPermissionsSchema,
  type Environment,
  integer,
  json,
  parseEnvironment,
  tablesSchema,
} from '../environment.ts';
import { createDeliveryStore } from '../../store/mail/delivery-store.ts';
import { createMailLimits } from '../../store/mail/mail-limits.ts';
import { createAccountNoticeStore } from '../../store/mail/account-notice-store.ts';
import { createPasswordResetStore } from '../../store/mail/password-reset-store.ts';
import { createTenantStore } from '../../store/tenants/tenant-store.ts';
import { createUserReader } from '../../store/users/user-reader.ts';
import { createWebhookNoticeStore } from '../../store/webhooks/webhook-notice-store.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';

const environmentSchema = tablesSchema.extend({
  LINK_KEYS: macKeysSchema,
  PERMISSIONS: declaredPermissionsSchema,
  ISSUERS: json(z.array(z.looseObject({ issuer: z.url() }))),
  /** Default sender, verified in SES. */
  MAIL_FROM: z.string().min(3),
  MAIL_CONFIGURATION_SET: z.string().min(1).optional(),
  MAILS_PER_TENANT_HOUR: integer({ min: 1, fallback: 500 }),
  MAILS_PER_RECIPIENT_DAY: integer({ min: 1, fallback: 5 }),
  /** Sending rate of this process. */
  MAILS_PER_SECOND: decimal({ min: Number.MIN_VALUE }),
});

interface MailerOverrides extends Pick<TestOverrides, 'now'> {
  /** Resolves at a time. */
  readonly waitUntil?: (timeMs: EpochMs) => Promise<void>;
}

const createWaitUntil = (now: () => Date) => (timeMs: number) =>
  setTimeout(Math.max(0, timeMs - now().getTime()));

/** Dependencies of the mailer, which needs no tokens and policies. */
export function createMailerDeps(
  env: Environment,
  { now = () => new Date(), waitUntil = createWaitUntil(now) }: MailerOverrides = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const sesConfig = createSdkConfig(env, 'SESV2');
  const nowMs = () => now().getTime();
  const tables = createTables(environment, env);
  const tenants = createTenantStore(tables, nowMs, environment.PERMISSIONS);
  return {
    now,
    sender: environment.MAIL_FROM,
    identityIssuers: environment.ISSUERS.map(({ issuer }) => issuer),
    users: createUserReader(tables, tenants),
    tenants,
    deliveries: createDeliveryStore(tables, nowMs),
    resets: createPasswordResetStore(tables),
    notices: createAccountNoticeStore(tables),
    webhookNotices: createWebhookNoticeStore(tables),
    linkKeyId: environment.LINK_KEYS[0]?.id ?? '',
    limits: createMailLimits(tables, {
      perTenantHour: environment.MAILS_PER_TENANT_HOUR,
      perRecipientDay: environment.MAILS_PER_RECIPIENT_DAY,
    }),
    links: createKmsMacKeys(environment.LINK_KEYS, createSdkConfig(env, 'KMS')),
    mailer: createPacedMailer(
      createSesMailer(environment.MAIL_CONFIGURATION_SET, {
        ...sesConfig,
        requestTimeoutMs: 10_000,
      }),
      { perSecond: environment.MAILS_PER_SECOND, now, waitUntil },
    ),
  };
}
