/** The browser and the documents of all test files, started by the first file that needs them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../../../infra/local/gateway/server.ts';

/** Path of an installed browser. The headless shell is first, because it takes less CPU time. */
export const chromiumPath = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find(existsSync);

export interface SharedBrowser {
  /** WebSocket endpoint of the browser. */
  readonly endpoint: string;
  /** Folder of the documents function. */
  readonly documents: string;
}

/** Serves the `SharedBrowser` to the workers. */
export async function serveSharedBrowser(cacheFolder: string) {
  const server = await listen(0);
  let started: ReturnType<typeof start> | undefined;
  server.respondWith([
    async () => {
      const { browser, documents } = await (started ??= start(cacheFolder));
      const shared: SharedBrowser = { endpoint: browser.wsEndpoint(), documents };
      return { status: 200, headers: [], body: Buffer.from(JSON.stringify(shared)) };
    },
  ]);
  return {
    url: `http://localhost:${server.port}`,
    async stop() {
      const { browser, documents } = (await started) ?? {};
      await Promise.all([browser?.close(), server.close()]);
      if (documents) rmSync(documents, { recursive: true });
    },
  };
}

async function start(cacheFolder: string) {
  const documents = mkdtempSync(join(tmpdir(), 'roster-test-'));
  // Loaded here, because most runs of a single file need neither.
  const [{ chromium }, { writeDocuments }] = await Promise.all([
    import('playwright-core'),
    import('../../../infra/build/documents.ts'),
  ]);
  const [browser] = await Promise.all([
    chromium.launchServer({ executablePath: chromiumPath ?? '', host: '127.0.0.1' }),
    writeDocuments(documents, { cacheFolder }),
  ]);
  return { browser, documents };
}
