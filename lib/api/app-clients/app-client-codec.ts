import * as z from 'zod';
import type { ErrorMapping } from '../codec.ts';
import type { AppClient } from '../../domain/app-clients/app-client.ts';
import { idPatterns, type IdPrefix, getIdName } from '../../domain/kernel/ids.ts';
import type {
  CreateAppClientInput,
  UpdateAppClientInput,
  AppClientView,
} from '../../domain/app-clients/manage-app-clients.ts';
import { urlText } from '../fields.ts';
import type { ListCodec } from '../lists.ts';
import type { Reply, UserCodec } from '../users/user-codec.ts';

/** What a view needs to know besides the app client. */
export interface AppClientResponseContext {
  readonly idPrefix: IdPrefix;
  readonly now: Date;
}

/** The app client resource on the wire of one dialect. */
export interface AppClientCodec {
  /** Request body of a create → AppClientDraft. */
  readonly createInput: z.ZodType<CreateAppClientInput>;
  /** Request body of a change → AppClientPatch, where the dialect has changes. */
  readonly updateInput?: z.ZodType<UpdateAppClientInput>;
  readonly list: ListCodec;
  /** The shape of the body that `view` makes. */
  readonly response: z.ZodType;
  /** The shape of the body that `view` makes together with a secret. */
  readonly createResponse: z.ZodType;
  /** The path parameter that names an app client, as the routes table spells it, and what it may be. */
  readonly pathParameter: UserCodec['pathParameter'];
  /** The name of the app client that a path names; undefined for what cannot name one. */
  parseAppClientId(parameter: string): string | undefined;
  /** Whether the revoked ones can still be seen. */
  readonly includesRevoked: boolean;
  /** `secret` where there is one to show; null where there could be and is none. */
  toResponse(
    shown: AppClientView,
    context: AppClientResponseContext,
    secret?: string | null,
  ): Reply;
  /** The path of an app client, where the dialect's answer to a create names it. */
  getLocation?(appClient: AppClient, idPrefix: IdPrefix): string;
  readonly mapError?: ErrorMapping;
}

/** Neither an id in a path nor one in a body is longer, so that a key has room for it. */
const maxIdLength = 128;

/** App clients are named by their ids. */
export const byAppClientId: Pick<AppClientCodec, 'pathParameter' | 'parseAppClientId'> = {
  pathParameter: {
    name: 'appClientId',
    description: 'ID of the app client.',
    example: 'cradl:app-client:default',
  },
  parseAppClientId: (id) =>
    id.length <= maxIdLength && idPatterns['app-client'].test(id) ? getIdName(id) : undefined,
};

const maxUrls = 50;
const maxUrlBytes = 1024;

/**
 * What a browser can be sent to: of Cradl's published form (`^http://localhost.*|^https://.*`), and besides a URL, on plain http
 * to this machine alone, without a password in it. Sizes come before the pattern, which is linear.
 */
export const url = urlText(maxUrlBytes)
  .regex(/^(?:http:\/\/localhost|https:\/\/)/, {
    error: 'must begin with https://, or with http://localhost',
    abort: true,
  })
  .refine(isWebAddress, 'must be a URL')
  .meta({ examples: ['https://app.example.com/callback'] });

export const urls = z.array(url).max(maxUrls);

function isWebAddress(text: string): boolean {
  if (text.includes('\\') || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (protocol === 'https:' || hostname === 'localhost') && username === '' && password === '';
}

/** The last moment whose text is as long as that of every other, and so can be compared with it. */
const maxTimestampMs = Date.parse('9999-12-31T00:00:00.000Z');

/** A moment → the same in UTC with milliseconds. */
export const expiresAtField = z.iso
  .datetime({ offset: true, abort: true })
  .max(40)
  .refine((time) => Date.parse(time) <= maxTimestampMs, 'must be before the year 10000')
  .transform((time) => new Date(time).toISOString())
  .meta({
    description: 'Expiration time. The app client is rejected afterwards.',
    examples: ['2027-01-31T12:00:00.000Z'],
  });
