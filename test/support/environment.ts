import { resolve } from 'node:path';

/** Lets tests import `functions/`. Services of tests get an environment of their own. */
const placeholders = {
  DIRECTORY_TABLE: 'placeholder',
  SECRETS_TABLE: 'placeholder',
  ISSUERS: '[]',
  LINK_KEYS: '[{"id":"1","key":"placeholder"}]',
  WEBHOOK_PORTS: '[443]',
  WEBHOOK_KEYS: '[{"id":"1","key":"placeholder"}]',
  SIGNING_KEYS: '{"current":"placeholder"}',
  OWN_ISSUER: '{"issuer":"https://roster.example.com","audience":"placeholder"}',
  MAIL_FROM: 'placeholder',
  MAIL_SENDERS: 'placeholder',
  EVENT_BUS: 'placeholder',
  CHECKPOINT_KEY: 'placeholder',
  ARCHIVE_URL: 'https://archive.example.com',
  MAILS_PER_SECOND: '1',
};

/** Variables of the test process, which no test changes. */
export const testEnvironment = {
  // For the embedded database.
  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: '',
  AWS_PROFILE: '',
  // `npm run synth` runs cdk-nag.
  CDK_VALIDATION: 'false',
  ...placeholders,
};

/**
 * Variables for commands that a test starts: those with which the tests themselves were started.
 */
export function getShellEnvironment(): NodeJS.ProcessEnv {
  const added = Object.keys(testEnvironment);
  const { NODE_COMPILE_CACHE, ...variables } = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !added.includes(name)),
  );
  // Commands may run in another folder.
  return NODE_COMPILE_CACHE === undefined
    ? variables
    : { ...variables, NODE_COMPILE_CACHE: resolve(NODE_COMPILE_CACHE) };
}
