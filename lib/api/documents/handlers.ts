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
  openapiDocument,
} from './files.ts';
import { publicApi, type Request } from '../http/pipeline.ts';
import { repairEscapedLink } from '../http/escaped-link.ts';
import { pathNotFound } from '../http/unmatched-route.ts';

/** The API about itself, the page of an invitation, and the answer where no route is: what needs no right at all. */
export const documentsApi = (folder: string) => {
  const read = new Map<string, Buffer>();

  /** A document as the build compressed it; unpacked for a client that does not take gzip. */
  const serve = (
    document: Document | undefined,
    { event }: Request<undefined>,
    headers = documentHeaders,
  ): DocumentReply => {
    if (!document) throw new Failure('not_found', 'There is no such document');
    const { name, type } = document;
    const gzipped = read.get(name) ?? readFileSync(join(folder, `${name}.gz`));
    read.set(name, gzipped);
    const allHeaders = { 'content-type': type, vary: 'accept-encoding, origin', ...headers };
    return acceptsGzip(event.headers['accept-encoding'])
      ? {
          content: gzipped.toString('base64'),
          isBase64Encoded: true,
          headers: { ...allHeaders, 'content-encoding': 'gzip' },
        }
      : { content: gunzipSync(gzipped).toString(), isBase64Encoded: false, headers: allHeaders };
  };
  const findFile = (documents: readonly Document[], { parameters }: Request<undefined>) =>
    documents.find(({ name }) => name === parameters['file']);

  return publicApi({
    getOpenapi: async (request) => serve(openapiDocument, request),
    getDocs: async (request) => serve(docsPage, request),
    getDocsFile: async (request) => serve(findFile(docsFiles, request), request),
    getAcceptPage: async (request) => serve(acceptPage, request, acceptHeaders),
    getResetPage: async (request) => serve(acceptPage, request, acceptHeaders),
    getConfirmPage: async (request) => serve(confirmPage, request, acceptHeaders),
    getAcceptFile: async (request) =>
      redirectEscapedLink(request) ?? serve(findFile(acceptFiles, request), request),
    getHealth: async () => ({ body: { status: 'ok' } }),
    answerUnrouted: async (request) => {
      const redirect = redirectEscapedLink(request);
      if (redirect) return redirect;
      throw pathNotFound();
    },
  });
};

/** A redirect to the page of a link whose `#` is escaped. The token is in no log: neither paths nor headers are. */
function redirectEscapedLink({
  event: { rawPath, requestContext },
}: Request<undefined>): DocumentReply | undefined {
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

/** A page runs its own scripts, talks to its own host and loads nothing from any other; nobody may frame it. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const documentHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'public, max-age=300',
};

/** The page that holds the token of an invitation cannot make scripts out of text, and tells nobody where it was. */
const acceptHeaders = {
  'content-security-policy': `${contentSecurityPolicy}; require-trusted-types-for 'script'; trusted-types 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** RFC 9110 §12.5.3, as far as clients use it: named, and not with a weight of nothing. */
const acceptsGzip = (accepted = ''): boolean =>
  accepted.split(',').some((coding) => /^\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9]).*)?$/i.test(coding));
