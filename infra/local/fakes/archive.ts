import { hash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type GatewayRequest, getHeader } from '../gateway/request-event.ts';
import type { GatewayResponse } from '../gateway/response.ts';
import { textResponse } from '../gateway/server.ts';

/** Path of the bucket at the endpoint of the fakes. */
export const archivePath = '/archive';

/** S3 bucket with Object Lock. */
export interface ArchiveFake {
  /** Objects that were stored since the start, by key. */
  readonly objects: ReadonlyMap<string, string>;
  /** Handles `PutObject`. Undefined for requests to other services. */
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
  return {
    objects,
    respond(request) {
      const { method, target, body } = request;
      if (!target.startsWith(`${archivePath}/`)) return undefined;
      const key = target.slice(archivePath.length + 1);
      if (method !== 'PUT' || !keyPattern.test(key)) return textResponse(405, 'MethodNotAllowed');
      if (
        !getHeader(request, 'authorization')?.startsWith('AWS4-HMAC-SHA256 ') ||
        getHeader(request, 'x-amz-content-sha256') !== hash('sha256', body)
      )
        return textResponse(403, 'SignatureDoesNotMatch');
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
