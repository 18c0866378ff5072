import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type GatewayRequest, getHeader } from '../gateway/request-event.ts';
import type { GatewayResponse } from '../gateway/response.ts';
import { textResponse } from '../gateway/server.ts';

/** Path of the bucket at the endpoint of the fakes. */
export const archivePath = '/archive';

/** S3 bucket with Object Lock. */
export interface ArchiveFake {
  /** Objects that were stored since the start, by key. */
  readonly objects: ReadonlyMap<string, string>;
  /** Handles `PutObject`, `GetObject` and `ListObjectsV2`. Undefined for other services. */
  respond(request: GatewayRequest): GatewayResponse | undefined;
}

/** Tenant IDs, dates and numbers. No key leads out of the folder. */
const keyPattern = /^[a-z0-9-]+(\/[a-z0-9-]+)*(\.[a-z]+)?$/;

/** Creates the bucket. Its objects are also files in the folder, if there is one. */
export function createArchive(folder: string | undefined): ArchiveFake {
  const objects = new Map<string, string>();
  const hasObject = (key: string): boolean =>
    objects.has(key) || (folder !== undefined && existsSync(join(folder, key)));
  const store = (key: string, body: Buffer): void => {
    objects.set(key, body.toString());
    if (folder === undefined) return;
    const file = join(folder, key);
    mkdirSync(dirname(file), { recursive: true });
    // The rename is atomic, so an interrupted server leaves no partial object.
    writeFileSync(`${file}.new`, body);
    renameSync(`${file}.new`, file);
  };
  const read = (key: string): string | undefined =>
    objects.get(key) ?? (folder && readFileSync(join(folder, key), 'utf8'));
  const listKeys = (): string[] => [
    ...new Set([...objects.keys(), ...(folder === undefined ? [] : listFiles(folder))]),
  ];
  return {
    objects,
    respond(request) {
      const { method, target, body } = request;
      if (!target.startsWith(`${archivePath}/`)) return undefined;
      const [key = '', query] = target.slice(archivePath.length + 1).split('?', 2);
      const isList = method === 'GET' && key === '' && query !== undefined;
      if (!isList && !(['GET', 'PUT'].includes(method) && keyPattern.test(key)))
        return textResponse(405, 'MethodNotAllowed');
      if (
        !getHeader(request, 'authorization')?.startsWith('AWS4-HMAC-SHA256 ') ||
        getHeader(request, 'x-amz-content-sha256') !== hash('sha256', body)
      )
        return textResponse(403, 'SignatureDoesNotMatch');
      if (isList) return listObjects(listKeys(), new URLSearchParams(query));
      if (method === 'GET') {
        const object = hasObject(key) ? read(key) : undefined;
        return object === undefined ? textResponse(404, 'NoSuchKey') : textResponse(200, object);
      }
      // Object Lock requires a checksum, and the policy of the bucket a condition.
      if (getHeader(request, 'x-amz-checksum-sha256') !== hash('sha256', body, 'base64'))
        return textResponse(400, 'InvalidRequest');
      if (getHeader(request, 'if-none-match') !== '*') return textResponse(403, 'AccessDenied');
      if (hasObject(key)) return textResponse(412, 'PreconditionFailed');
      store(key, body);
      return textResponse(200, '');
    },
  };
}

const listFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    : [];

const maxListedKeys = 1000;

/** Lists the keys of a page. The token of the next page is the last key. */
function listObjects(keys: readonly string[], query: URLSearchParams): GatewayResponse {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('continuation-token') ?? ''];
  const matches = keys.filter((key) => key.startsWith(prefix) && key > after).toSorted();
  const page = matches.slice(0, maxListedKeys);
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  const next =
    matches.length > page.length
      ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>`
      : '';
  return textResponse(200, `<ListBucketResult>${contents}${next}</ListBucketResult>`);
}
