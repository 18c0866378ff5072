import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCommandProcess } from '../support/scenarios/run-cli.ts';
import { readPage } from '../support/project/docs-examples.ts';
import { createTestStack } from '../support/synthesized-stack.ts';
import { getShellEnvironment } from '../support/environment.ts';

// Commands of the documentation up to their first AWS request, which is rejected [UX9]. They share
// one synthesis with and one without a configuration, because synthesis is slow.

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'roster-commands-'));
const [unconfigured, configured] = [join(folder, 'unconfigured'), join(folder, 'configured')];
const requests: string[] = [];
const aws = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    requests.push(
      new URLSearchParams(Buffer.concat(chunks).toString()).get('Action') ??
        `${request.method} ${request.url}`,
    );
    response.writeHead(403, { 'content-type': 'text/xml' });
    response.end(
      '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>refused</Message></Error></ErrorResponse>',
    );
  });
});

/** Synthesizes like the CLI in a folder without a configuration. */
const synthesize = (context: Record<string, string>, outdir: string) =>
  spawnSync(process.execPath, [join(root, 'infra/app.ts')], {
    cwd: folder,
    // CDK reports errors differently if it detects a test runner.
    env: {
      ...getShellEnvironment(),
      NODE_ENV: undefined,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify(context),
    },
    encoding: 'utf8',
  });

let run: ReturnType<typeof startCommandProcess>;

/** Starts a process for the CLI with the fake of AWS. */
const startCli = () => {
  const { port } = aws.address() as AddressInfo;
  const {
    AWS_PROFILE: _profile,
    AWS_SESSION_TOKEN: _token,
    ...environment
  } = getShellEnvironment();
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: folder,
    NO_COLOR: '1',
  };
  return startCommandProcess({ cwd: folder, env: { ...environment, ...variables } });
};

/** Runs a command of the CLI. Returns its output and its AWS requests. */
const cdk = async (command: string, assembly: string) => {
  requests.length = 0;
  const args = [...command.split(' '), '--no-notices', '--app', assembly];
  const result = await run({ name: 'cdk', args });
  return { ...result, sent: [...requests] };
};

beforeAll(async () => {
  createTestStack({}, configured).app.synth();
  copyFileSync(join(root, 'cdk.json'), join(folder, 'cdk.json'));
  aws.listen(0, '127.0.0.1');
  await once(aws, 'listening');
  run = startCli();
});
afterAll(() => {
  aws.close();
  rmSync(folder, { recursive: true });
});

describe('without a configuration', () => {
  beforeAll(() => {
    synthesize({ config: 'roster.config.json' }, unconfigured);
  });

  test('cdk list names the stack', async () => {
    expect(await cdk('list', unconfigured)).toMatchObject({ code: 0, output: 'Roster\n' });
  });

  test.each(['bootstrap', 'destroy --force'])('cdk %s gets as far as AWS', async (command) => {
    expect((await cdk(command, unconfigured)).sent).toContain('GetCallerIdentity');
  });

  test('cdk deploy names the missing file', async () => {
    const { code, output } = await cdk('deploy', unconfigured);
    expect(code).toBe(1);
    expect(output).toContain(
      'roster.config.json does not exist. Create it, or choose another file with --context config=FILE.',
    );
  });
});

describe('with a configuration', () => {
  test('npm run synth succeeds although AWS rejects every request', async () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: { synth: string };
    };
    const [, options = '', config = ''] =
      /^cdk (synth .*)--no-notices --context config=(\S+)$/.exec(scripts.synth) ?? [];
    expect(existsSync(join(root, config))).toBe(true);
    expect(await cdk(options.trim(), configured)).toMatchObject({ code: 0, output: '' });
  });

  test.each(['diff', 'deploy'])('cdk %s gets as far as AWS', async (command) => {
    const { output, sent } = await cdk(command, configured);
    expect(sent).toContain('GetCallerIdentity');
    expect(output).not.toMatch(/configuration|Found errors/i);
  });
});

test('the documentation has these commands', () => {
  const deploy = readPage('docs/deploy.md');
  const text = deploy + readPage('docs/operate.md');
  const documented = [...text.matchAll(/^npx cdk (\w+)(?: --context config=(\S+))?/gm)].map(
    ([, command, file]) => [command, file],
  );
  expect(documented).toEqual([
    ['bootstrap', undefined],
    ['list', undefined],
    ['diff', undefined],
    ['deploy', undefined],
    ['deploy', 'staging.json'],
    ['destroy', undefined],
  ]);
  const configure = deploy.indexOf('## Configure');
  expect(deploy.indexOf('npx cdk bootstrap')).toBeLessThan(configure);
  expect(deploy.indexOf('npx cdk list')).toBeGreaterThan(configure);
});

test('reports a missing configuration file', () => {
  const { status, stderr } = synthesize({ config: 'staging.json' }, join(folder, 'none'));
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^staging\.json cannot be read as JSON: ENOENT/),
  ]);
});
