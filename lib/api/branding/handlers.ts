import type { LogoStore } from '../../domain/branding/logo-store.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import type { DocumentReply } from '../http/response.ts';
import type { Operations } from '../http/request.ts';

/** Logos for pages and mails, which request them without a token. */
export const logoHandlers = ({ logos }: { readonly logos: LogoStore }) =>
  ({
    getLogo: async ({ parameters }): Promise<DocumentReply> => {
      const { tenantId = '', version = '' } = parameters;
      const isPossible = uuidPattern.test(tenantId) && versionPattern.test(version);
      const logo = isPossible ? await logos.find(tenantId.toLowerCase(), version) : undefined;
      if (!logo) throw new Failure('not_found', 'The logo does not exist');
      return {
        content: logo.image,
        isBase64Encoded: true,
        headers: { ...logoHeaders, 'content-type': logo.type, etag: `"${version}"` },
      };
    },
  }) satisfies Operations<undefined>;

const versionPattern = /^[0-9a-f]{32}$/;

/** The URL depends on the image. A browser that opens it runs nothing in it. */
const logoHeaders = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
};
