/** The pages in a browser, served on this machine. */
import { type BrowserContextOptions, chromium, type Page, type Request } from 'playwright-core';
import { inject } from 'vitest';
import { documentsApi } from '../../../functions/documents.ts';
import { createGateway } from '../../../infra/local/gateway/gateway.ts';
import { listen } from '../../../infra/local/gateway/server.ts';
import { listPathRoutes } from '../../../lib/api/path-routes.ts';
import type { Service } from '../service.ts';
import type { SharedBrowser } from './shared-browser.ts';

const viewport = { width: 1024, height: 768 };

/** Connects to the browser of the run. Closing the connection closes its pages. */
export async function connectBrowser() {
  const response = await fetch(inject('sharedBrowserUrl'));
  if (!response.ok) throw new Error('the browser did not start');
  const { endpoint, documents } = (await response.json()) as SharedBrowser;
  return { browser: await chromium.connect(endpoint), documents };
}

/** Connects to the browser, and serves pages and API below `/team`, as a proxy might. */
export async function openBrowser(service: Service) {
  const [server, { browser, documents: folder }] = await Promise.all([listen(0), connectBrowser()]);
  const target = {
    name: 'documents',
    handler: documentsApi(folder) as never,
    timeoutMs: 60_000,
    memoryMb: 256,
  };
  const served = listPathRoutes()
    .filter((row) => row.function === 'documents')
    .map(({ routeKey }) => ({ routeKey, target }));
  const documents = createGateway({ routes: served });
  server.respondWith([
    async (request) => {
      const { method, body } = request;
      const path = request.target.replace(/^\/team/, '');
      if (method === 'GET' && path !== request.target && !path.startsWith('/v1/'))
        return documents({ ...request, target: path });
      const authorization = request.headers.find(
        ([name]) => name.toLowerCase() === 'authorization',
      )?.[1];
      const tenant = request.headers.find(([name]) => name.toLowerCase() === 'x-tenant-id')?.[1];
      const headers = {
        'content-type': 'application/json',
        ...(authorization && { authorization }),
        ...(tenant && { 'x-tenant-id': tenant }),
      };
      const answer = await service.send(method, path, { headers, body });
      return {
        status: answer.status,
        headers: Object.entries(answer.headers),
        body: answer.bytes ?? '',
      };
    },
  ]);
  const origin = `http://localhost:${server.port}`;

  const requests: Request[] = [];
  const consoleErrors: string[] = [];
  const createContext = async (options?: BrowserContextOptions) => {
    const context = await browser.newContext({ locale: 'en-GB', viewport, ...options });
    context.setDefaultTimeout(30_000);
    context.on('request', (request) => requests.push(request));
    context.on('weberror', (error) => consoleErrors.push(error.error().message));
    context.on('console', (line) => {
      if (line.type() !== 'log' && !line.text().startsWith('Failed to load resource'))
        consoleErrors.push(line.text());
    });
    return context;
  };
  const context = await createContext();
  const page = await context.newPage();
  let opened = 0;

  return {
    origin: `${origin}/team`,
    /** Requests since a page was last opened. */
    requests: requests as readonly Request[],
    /** Console output except failed requests, and uncaught errors. */
    consoleErrors,
    /** Shared page. Loading it again is faster than creating another page. */
    page,
    /** Creates a page, in a context of its own if it has options. */
    createPage: async (options?: BrowserContextOptions): Promise<Page> =>
      (options ? await createContext(options) : context).newPage(),
    /** Opens a link with this fragment. The query makes each link load the page again. */
    async open(fragment: string, on = page, path = 'accept'): Promise<Page> {
      requests.length = 0;
      await on.goto(`${origin}/team/${path}?${++opened}#${fragment}`, { waitUntil: 'commit' });
      return on;
    },
    /** Restores the state before a test. */
    async reset() {
      consoleErrors.length = 0;
      await page.unrouteAll();
      await page.setViewportSize(viewport);
      const extraContexts = browser.contexts().filter((each) => each !== context);
      const extraPages = context.pages().filter((each) => each !== page);
      await Promise.all([...extraContexts, ...extraPages].map((each) => each.close()));
    },
    async close() {
      await Promise.all([browser.close(), server.close()]);
    },
  };
}
