import * as http from 'node:http';
import * as https from 'node:https';
import { isJwks } from 'aws-jwt-verify/jwk';

/** The keys of an issuer cannot be had at this moment. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Stands for the address of keys that are there by value only. */
export const inlineKeysScheme = 'by-value:';

/** Stands for the address of Roster's own keys. */
export const ownKeysUri = `${inlineKeysScheme}own`;

const fetchTimeoutMs = 1500;
const maxKeySetBytes = 512 * 1024;
const retryDelayMs = 3000;

/**
 * Fetches a key set, or has `own` answer where it is Roster's. Throws `KeysUnavailable`; after a failure nothing is fetched for three
 * seconds, so that forged key ids cannot hammer an issuer that is down. `now` is in epoch milliseconds.
 */
export function createKeySetFetcher(
  getOwnKeys: () => Promise<readonly object[]>,
  nowMs: () => number,
): (uri: string) => Promise<ArrayBuffer> {
  const failedAtMs = new Map<string, number>();
  return async (uri) => {
    if (uri.startsWith(inlineKeysScheme) && uri !== ownKeysUri)
      throw new Error('the issuer has no such key');
    if (nowMs() - (failedAtMs.get(uri) ?? -Infinity) < retryDelayMs)
      throw new KeysUnavailable('the last attempt has just failed');
    try {
      const bytes =
        uri === ownKeysUri
          ? Buffer.from(JSON.stringify({ keys: await getOwnKeys() }))
          : await get(uri);
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      if (!isJwks(JSON.parse(text))) throw new Error('not a key set');
      return new Uint8Array(bytes).buffer;
    } catch (error) {
      failedAtMs.set(uri, nowMs());
      throw new KeysUnavailable('the key set cannot be fetched', { cause: error });
    }
  };
}

/** A plain GET: `fetch` would load an HTTP client of its own, which a cold start feels. */
const get = (uri: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const request = (uri.startsWith('https:') ? https : http).get(
      uri,
      { signal: AbortSignal.timeout(fetchTimeoutMs) },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > maxKeySetBytes) request.destroy(new Error('the key set is too large'));
        });
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(Buffer.concat(chunks))
            : reject(new Error(`status ${response.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
  });
