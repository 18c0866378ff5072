import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Failure } from '../../domain/kernel/failure.ts';
import type { DocumentReply } from '../http/response.ts';
import {
  acceptFiles,
  acceptPage,
  confirmPage,
  type Document,
  docsFiles,
  docsPage,
  eventTypesDocument,
  openapiDocument,
  verifyPage,
} from './files.ts';
import { repairEscapedLink } from '../http/escaped-link.ts';
import { pathNotFound } from '../http/match-route.ts';
import type { Operations, PublicRequest } from '../http/request.ts';

interface EventTypeList {
  readonly eventTypes: readonly {
    readonly type: string;
    readonly version: number;
    readonly schema: object;
  }[];
}

/** Documents, pages and unmatched routes, from the files in `folder`. */
export const documentHandlers = (folder: string) => {
  const cache = new Map<string, Buffer>();

  const readCompressed = ({ name }: Document): Buffer => {
    const compressed = cache.get(name) ?? readFileSync(join(folder, `${name}.gz`));
    cache.set(name, compressed);
    return compressed;
  };

  /** Serves a compressed document, decompressed for clients that do not accept gzip. */
  const serve = (
    document: Document | undefined,
    { event }: PublicRequest,
    headers = documentHeaders,
  ): DocumentReply => {
    if (!document) throw new Failure('not_found', 'The document does not exist');
    const { type } = document;
    const gzipped = readCompressed(document);
    const allHeaders = { 'content-type': type, vary: 'accept-encoding, origin', ...headers };
    return acceptsGzip(event.headers['accept-encoding'])
      ? {
          content: gzipped.toString('base64'),
          isBase64Encoded: true,
          headers: { ...allHeaders, 'content-encoding': 'gzip' },
        }
      : { content: gunzipSync(gzipped).toString(), isBase64Encoded: false, headers: allHeaders };
  };
  const findFile = (documents: readonly Document[], { parameters }: PublicRequest) =>
    documents.find(({ name }) => name === parameters['file']);

  return {
    getOpenapi: async (request) => serve(openapiDocument, request),
    listEventTypes: async (request) => serve(eventTypesDocument, request),
    getEventType: async ({ parameters: { type, version } }) => {
      const { eventTypes } = JSON.parse(
        gunzipSync(readCompressed(eventTypesDocument)).toString(),
      ) as EventTypeList;
      const found = eventTypes.find(
        (each) => each.type === type && String(each.version) === version,
      );
      if (!found) throw new Failure('not_found', 'The event type does not exist');
      return { body: found.schema };
    },
    getDocs: async (request) => serve(docsPage, request, docsHeaders),
    getDocsFile: async (request) => serve(findFile(docsFiles, request), request),
    getAcceptPage: async (request) => serve(acceptPage, request, acceptHeaders),
    getResetPage: async (request) => serve(acceptPage, request, acceptHeaders),
    getConfirmPage: async (request) => serve(confirmPage, request, acceptHeaders),
    getVerifyPage: async (request) => serve(verifyPage, request, acceptHeaders),
    getAcceptFile: async (request) =>
      redirectEscapedLink(request) ?? serve(findFile(acceptFiles, request), request),
    getHealth: async () => ({ body: { status: 'ok' } }),
    answerUnrouted: async (request) => {
      const redirect = redirectEscapedLink(request);
      if (redirect) return redirect;
      throw pathNotFound(request.event.rawPath);
    },
  } satisfies Operations<undefined>;
};

/**
 * Redirects to the page of a link whose `#` was escaped. Logs contain neither paths nor headers, so
 * no token.
 */
function redirectEscapedLink({
  event: { rawPath, requestContext },
}: PublicRequest): DocumentReply | undefined {
  const location = ['GET', 'HEAD'].includes(requestContext.http.method)
    ? repairEscapedLink(rawPath)
    : undefined;
  return location === undefined
    ? undefined
    : {
        status: 303,
        content: '',
        isBase64Encoded: false,
        headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
      };
}

/** Allows only scripts, styles and requests of the same origin, and no framing. */
const buildSecurityPolicy = (styles: string): string =>
  `default-src 'none'; script-src 'self'; style-src ${styles}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const contentSecurityPolicy = buildSecurityPolicy("'self'");

const documentHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'public, max-age=300',
};

/** Scalar inserts style elements into the API reference. */
const docsHeaders = {
  ...documentHeaders,
  'content-security-policy': buildSecurityPolicy("'self' 'unsafe-inline'"),
};

/** For pages whose URL contains a token: no script injection, no referrer, no caching. */
const acceptHeaders = {
  'content-security-policy': `${contentSecurityPolicy}; require-trusted-types-for 'script'; trusted-types 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** RFC 9110 §12.5.3: gzip with a weight above 0. Wildcards are ignored. */
const acceptsGzip = (acceptEncoding = ''): boolean =>
  acceptEncoding
    .split(',')
    .some((coding) => /^\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9]).*)?$/i.test(coding));
