import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Failure } from '../lib/domain/failure.ts';
import type { Content } from '../lib/http/answer.ts';
import { type Document, docsFiles, docsPage, openapiDocument } from '../lib/http/documents.ts';
import { publicEndpoint } from '../lib/http/endpoint.ts';
import { unrouted } from '../lib/http/unrouted.ts';

/** The API about itself, and the answer where no route is: what needs no right at all. */
export const handler = publicEndpoint({
  getOpenapi: async ({ event }) => served(openapiDocument, event.headers),
  getDocs: async ({ event }) => served(docsPage, event.headers),
  getDocsFile: async ({ event, parameters }) =>
    served(
      docsFiles.find(({ name }) => name === parameters['file']),
      event.headers,
    ),
  answerUnrouted: async ({ event }) => {
    throw unrouted(event.rawPath);
  },
});

/** The page runs its own scripts, talks to its own host and loads nothing from any other; nobody may frame it. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const read = new Map<string, Buffer>();

/** A document as the build compressed it; unpacked for a client that does not take gzip. */
function served(document: Document | undefined, { 'accept-encoding': accepted = '' }: Record<string, string | undefined>): Content {
  if (!document) throw new Failure('not_found', 'There is no such document');
  const { name, type } = document;
  const gzipped = read.get(name) ?? readFileSync(join(import.meta.dirname, `${name}.gz`));
  read.set(name, gzipped);
  const headers = {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'public, max-age=300',
    vary: 'accept-encoding',
  };
  return takesGzip(accepted)
    ? { content: gzipped.toString('base64'), isBase64Encoded: true, headers: { ...headers, 'content-encoding': 'gzip' } }
    : { content: gunzipSync(gzipped).toString(), isBase64Encoded: false, headers };
}

/** RFC 9110 §12.5.3, as far as clients use it: named, and not with a weight of nothing. */
const takesGzip = (accepted: string): boolean =>
  accepted.split(',').some((coding) => /^\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9]).*)?$/i.test(coding));
