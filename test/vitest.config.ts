import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests pass everything else as an argument and never change `process.env`. */
const environment = {
  // `npm run synth` runs cdk-nag.
  CDK_VALIDATION: 'false',
  // For the embedded database.

  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: '',
  AWS_PROFILE: '',
  DIRECTORY_TABLE: 'placeholder',
  SECRETS_TABLE: 'placeholder',
  ISSUERS: '[]',
  LINK_KEYS: '[{"id":"1","key":"placeholder"}]',
  SIGNING_KEYS: '{"current":"placeholder"}',
  OWN_ISSUER: '{"issuer":"https://roster.example.com","audience":"placeholder"}',
  MAIL_FROM: 'placeholder',
  MAIL_SENDERS: 'placeholder',
  EVENT_BUS: 'placeholder',
};

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/setup.ts',
    env: environment,
    // One more than the cores that CI has: some files mostly wait.
    maxWorkers: 3,
    pool: 'threads',
    // Files share the modules of a worker; `support/setup.ts` restores what a file changes.
    isolate: false,
    // For what hangs, and not for what is slow: a machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
