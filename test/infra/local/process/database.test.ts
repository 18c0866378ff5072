import { expect, test } from 'vitest';
import { startEmbeddedDatabase } from '../../../../infra/local/process/embedded-database.ts';

// Platforms without the embedded database.

const missing = (specifier: string): string => {
  throw new Error(`Cannot find module '${specifier}'`);
};

test.each(['darwin-arm64', 'linux-arm64', 'win32-x64'])(
  'on %s the error names the variable of another database',
  async (name) => {
    await expect(startEmbeddedDatabase(undefined, { name, resolve: missing })).rejects.toThrow(
      `The embedded database does not support this platform (${name}).\nSet AWS_ENDPOINT_URL_DYNAMODB`,
    );
  },
);

test('without its optional package the error says how to install it', async () => {
  await expect(
    startEmbeddedDatabase(undefined, { name: 'linux-x64', resolve: missing }),
  ).rejects.toThrow('(@dynoxide/linux-x64) is not installed.\nRun npm ci with optional');
});
