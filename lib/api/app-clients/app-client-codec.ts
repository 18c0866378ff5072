import * as z from 'zod';
import type { AppClient } from '../../domain/app-clients/app-client.ts';
import { idPatterns, type IdPrefix, getIdName } from '../../domain/kernel/ids.ts';
import type {
  CreateAppClientInput,
  UpdateAppClientInput,
  AppClientView,
} from '../../domain/app-clients/manage-app-clients.ts';
import { urlText } from '../text.ts';
import type { ErrorMapping, LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type AppClientOperation =
  | 'createAppClient'
  | 'listAppClients'
  | 'getAppClient'
  | 'updateAppClient'
  | 'deleteAppClient'
  | 'revokeAppClient'
  | 'createAppClientSecret'
  | 'deleteAppClientSecret';

/** Values that a response shows in addition to the app client. */
export interface AppClientResponseContext {
  readonly idPrefix: IdPrefix;
  readonly now: Date;
  /** True for a new app client whose roles carry no permission. */
  readonly lacksPermissions?: boolean;
}

/** App clients in one dialect. */
export interface AppClientCodec {
  readonly createInput: LazySchema<CreateAppClientInput>;
  readonly list: ListCodec;
  readonly response: LazySchema;
  /** Response with the new secret. */
  readonly createResponse: LazySchema;
  readonly pathParameter: PathParameter;
  /** Returns undefined for text that cannot refer to an app client. */
  parseAppClientId(parameter: string): string | undefined;
  /** True if revoked app clients are still shown. */
  readonly includesRevoked: boolean;
  /** `secret` is null for a new app client without one, and undefined for any other response. */
  toResponse(view: AppClientView, context: AppClientResponseContext, secret?: string | null): Reply;
  /** Path of a new app client, for dialects that send `Location`. */
  getLocation?(appClient: AppClient, idPrefix: IdPrefix): string;
  readonly mapError?: ErrorMapping;
}

/** App clients in a dialect that can update them. */
export interface UpdatableAppClientCodec extends AppClientCodec {
  readonly updateInput: LazySchema<UpdateAppClientInput>;
}

/** Part of a sort key, so its length is limited. */
const maxIdLength = 128;

/** Path parameter of dialects that refer to app clients by ID. */
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
 * URL that a browser can be sent to, without a password. Cradl's published form is
 * `^http://localhost.*|^https://.*`.
 */
export const url = () =>
  urlText(maxUrlBytes)
    .regex(/^(?:http:\/\/localhost|https:\/\/)/, {
      error: 'must begin with https://, or with http://localhost',
      abort: true,
    })
    .refine(isWebAddress, 'must be a URL')
    .meta({ examples: ['https://app.example.com/callback'] });

export const urls = () => z.array(url()).max(maxUrls);

function isWebAddress(text: string): boolean {
  if (text.includes('\\') || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (protocol === 'https:' || hostname === 'localhost') && username === '' && password === '';
}

/** Latest timestamp of 24 characters. Timestamps of equal length compare as text. */
const maxTimestampMs = Date.parse('9999-12-31T00:00:00.000Z');

/** Timestamp, normalized to UTC with milliseconds. */
export const expiresAtField = () =>
  z.iso
    .datetime({ offset: true, abort: true })
    .max(40)
    .refine((time) => Date.parse(time) <= maxTimestampMs, 'must be before the year 10000')
    .transform((time) => new Date(time).toISOString())
    .meta({
      description: 'Expiration time. The app client is rejected afterwards.',
      examples: ['2027-01-31T12:00:00.000Z'],
    });
