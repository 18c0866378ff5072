import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../../../domain/connections/connection.ts';
import { invalidInput } from '../../../domain/kernel/failure.ts';
import { isJsonObject, type JsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import type { ProvisionedUser } from '../../../domain/provisioning/provisioned-user.ts';
import { formatDisplayName, type User } from '../../../domain/users/user.ts';
import { findBlockFault, findLineFault } from '../../characters.ts';
import { buildOnce } from '../../codec.ts';
import { anyEmail } from '../../email-address.ts';
import { languageTag } from '../../fields.ts';
import { readMember } from '../resource-attributes.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { toExtensionUrn } from '../schema/user.ts';
import { rosterUserUrn } from '../schema/roster-user.ts';

/** Attributes that `scimAttributes` omits, because the user has fields for them. */
const coreAttributes: ReadonlySet<string> = new Set([
  'schemas',
  'id',
  'externalId',
  'meta',
  'userName',
  'active',
  'password',
  'groups',
  rosterUserUrn,
]);

const maxAttributeBytes = 64 * 1024;

/** Attributes that a connection stored with a user. */
interface StoredAttributes extends JsonObject {
  readonly name?: Readonly<Record<string, unknown>>;
  readonly displayName?: string;
  readonly title?: string;
  readonly locale?: string;
  readonly preferredLanguage?: string;
  readonly emails?: readonly EmailValue[];
  readonly roles?: readonly { readonly value?: string }[];
  readonly entitlements?: readonly { readonly value?: string }[];
}

interface EmailValue {
  readonly value?: string;
  readonly type?: string;
  readonly primary?: boolean;
}

const parseAttributes = ({ scimAttributes }: Pick<User, 'scimAttributes'>) =>
  scimAttributes === undefined ? undefined : (JSON.parse(scimAttributes) as StoredAttributes);

type ConnectionView = Pick<Connection, 'connectionId' | 'extension'>;

/**
 * Converts a user to a resource without `meta` and `groups`. A field of the user that another API
 * changed replaces the attributes that the connection sent.
 */
export function toScimUser(user: User, connection: ConnectionView | undefined): ScimResource {
  const stored = parseAttributes(user);
  const { status, managedBy } = user;
  const isOwn = managedBy !== undefined && managedBy.connectionId === connection?.connectionId;
  return omitUndefined({
    ...stored,
    id: user.userId,
    externalId: isOwn ? managedBy.externalId : undefined,
    userName: toLoginName(user),
    name: toName(user, stored),
    displayName: toDisplayName(user, stored),
    title: user.businessRole,
    ...toLanguage(user, stored),
    emails: toEmails(user, stored),
    active: status === 'active' || status === 'invite_pending',
    ...toExtensions(user, connection),
  });
}

/** A user without a username signs in with the email. */
const toLoginName = ({ userName, email }: User): string | undefined => userName ?? email;

/** Removes absent attributes, and complex and multi-valued ones without values. */
const omitUndefined = (resource: ScimResource): ScimResource =>
  Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined));

/** A name that was formatted from other parts is outdated. */
function toName(
  { firstName, lastName }: User,
  stored: StoredAttributes | undefined,
): JsonObject | undefined {
  const { givenName, familyName, formatted, ...others } = stored?.name ?? {};
  const isCurrent = givenName === firstName && familyName === lastName;
  const name = omitUndefined({
    ...(isCurrent && { formatted }),
    ...others,
    familyName: lastName,
    givenName: firstName,
  });
  return Object.keys(name).length > 0 ? name : undefined;
}

/** A name that follows from the attributes shows them as sent. */
function toDisplayName(user: User, stored: StoredAttributes | undefined): string | undefined {
  if (!stored) return user.name ?? formatDisplayName(user) ?? undefined;
  const { displayName } = stored;
  return user.name === deriveName({ displayName, name: toName(user, stored) })
    ? displayName
    : user.name;
}

/** Name of a user: `displayName`, else `name.formatted`, else given and family name. */
const deriveName = ({
  displayName,
  name = {},
}: {
  readonly displayName?: string | undefined;
  readonly name?: StoredAttributes['name'] | undefined;
}): string | undefined => {
  const { formatted, givenName, familyName } = name;
  const parts = [givenName, familyName].filter(Boolean).join(' ');
  const candidates = [displayName, formatted, parts].filter((text) => typeof text === 'string');
  return candidates.find((text) => text !== '');
};

function toLanguage(
  { locale }: User,
  stored: StoredAttributes = {},
): { readonly locale: string | undefined; readonly preferredLanguage: string | undefined } {
  const { locale: sentLocale, preferredLanguage } = stored;
  return deriveLocale(stored) === locale
    ? { locale: sentLocale, preferredLanguage }
    : { locale: undefined, preferredLanguage: locale };
}

/** Locale of a user: `preferredLanguage`, else `locale`, if it is a language tag. */
const deriveLocale = ({ preferredLanguage, locale }: StoredAttributes): string | undefined =>
  languageField().safeParse(preferredLanguage ?? locale).data;

const languageField = buildOnce(languageTag);

/** Emails as sent. An email that another API set replaces the one that the user had. */
function toEmails(
  { email, userName }: User,
  stored: StoredAttributes | undefined,
): readonly EmailValue[] | undefined {
  const sent = stored?.emails ?? [];
  if (email === undefined) return sent.length > 0 ? sent : undefined;
  if (!stored) return [{ value: email, type: 'work', primary: true }];
  const isKnown = sent.some(({ value }) => value === email) || email === userName;
  if (isKnown) return sent.length > 0 ? sent : undefined;
  const [best] = sortByPreference(sent);
  if (!best) return [{ value: email, type: 'work', primary: true }];
  return sent.map((entry) => (entry === best ? { ...entry, value: email } : entry));
}

/** Sorts emails: the primary one, those of type work, others. */
const sortByPreference = (emails: readonly EmailValue[]): readonly EmailValue[] => {
  const rank = ({ primary, type }: EmailValue): number =>
    primary === true ? 0 : type?.toLowerCase() === 'work' ? 1 : 2;
  return emails.toSorted((a, b) => rank(a) - rank(b));
};

function toExtensions(
  { metadata, description, status, emailVerified }: User,
  connection: ConnectionView | undefined,
): ScimResource {
  const { extension } = connection ?? {};
  const values = (extension?.attributes ?? []).flatMap((name) => {
    const value = metadata !== undefined && Object.hasOwn(metadata, name) ? metadata[name] : null;
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    [rosterUserUrn]: omitUndefined({ description, status, emailVerified }),
    ...(extension &&
      values.length > 0 && { [toExtensionUrn(extension)]: Object.fromEntries(values) }),
  };
}

/** Converts a resource to the state that the provider wants. Throws `invalid_input`. */
export function toProvisionedUser(
  resource: ScimResource,
  { extension }: Pick<Connection, 'extension'>,
  user?: User,
): ProvisionedUser {
  const { userName, active, externalId, password } = resource;
  if (typeof userName !== 'string' || userName === '')
    throw invalidInput({ path: 'userName', message: 'is required' });
  assertPrintable('userName', userName);
  const extensionUrn = extension && toExtensionUrn(extension);
  const attributes = Object.fromEntries(
    Object.entries(resource).filter(([name]) => !coreAttributes.has(name) && name !== extensionUrn),
  ) as StoredAttributes;
  const stored = user && parseAttributes(user);
  const scimAttributes = serialize(attributes, user?.scimAttributes, stored);
  const { title, name = {}, displayName } = attributes;
  const [firstName, lastName] = [toText(name['givenName']), toText(name['familyName'])];
  for (const [path, text] of Object.entries({
    displayName,
    title,
    'name.formatted': toText(name['formatted']),
    'name.givenName': firstName,
    'name.familyName': lastName,
  }))
    assertPrintable(path, text);
  return {
    userName,
    emails: collectAddresses(attributes.emails, { userName, active, user, stored }),
    active: typeof active === 'boolean' ? active : undefined,
    externalId: toText(externalId),
    password: toText(password),
    name: deriveName(attributes),
    firstName,
    lastName,
    businessRole: title,
    locale: deriveLocale(attributes),
    roleValues: [...(attributes.roles ?? []), ...(attributes.entitlements ?? [])].flatMap(
      ({ value }) => (typeof value === 'string' ? [value] : []),
    ),
    ...(extension &&
      extensionUrn !== undefined && {
        metadata: toMetadata(resource[extensionUrn], extension.attributes),
      }),
    description: toDescription(resource[rosterUserUrn], user),
    scimAttributes,
  };
}

/** A new or reactivated user keeps a description that the request does not name. */
function toDescription(extension: unknown, user: User | undefined): string | null | undefined {
  const description = toText(readMember(extension, 'description'));
  const fault = description === undefined ? undefined : findBlockFault(description);
  if (fault !== undefined) throw invalidInput({ path: 'description', message: fault });
  return description ?? (user && null);
}

const toText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Throws `invalid_input` for control, invisible and bidirectional characters. */
function assertPrintable(path: string, text: string | undefined): void {
  const message = text === undefined ? undefined : findLineFault(text);
  if (message !== undefined) throw invalidInput({ path, message });
}

/** Entra ID frees the login name of an inactive user: it puts 32 hex digits before the name. */
const tombstoneName = /^[0-9a-f]{32}[^@]/i;

const emailField = buildOnce(anyEmail);

interface EmailOptions {
  readonly userName: string;
  readonly active: unknown;
  readonly user: User | undefined;
  readonly stored: StoredAttributes | undefined;
}

/**
 * Lists the values that are email addresses, best first, and the username last. Without a change of
 * them, a user keeps the email. With the name of a tombstone, a user keeps the email of the name
 * before, unless another one was sent.
 */
function collectAddresses(
  emails: readonly EmailValue[] | undefined,
  { userName, active, user, stored }: EmailOptions,
): readonly string[] {
  const isUnchanged =
    user !== undefined &&
    userName === toLoginName(user) &&
    isDeepStrictEqual(emails, toEmails(user, stored));
  const hasTombstoneName = tombstoneName.test(userName);
  const values = [
    ...(isUnchanged ? [user.email] : []),
    ...sortByPreference(emails ?? []).map(({ value }) => value),
    ...(hasTombstoneName ? [user?.email] : []),
    ...(hasTombstoneName && active === false ? [] : [userName]),
  ];
  return [...new Set(values.flatMap((value) => emailField().safeParse(value).data ?? []))];
}

/** Sets the declared attributes and removes absent ones. */
const toMetadata = (
  values: unknown,
  attributes: readonly string[],
): NonNullable<ProvisionedUser['metadata']> => {
  const sent = isJsonObject(values) ? values : {};
  return Object.fromEntries(
    attributes.map((name) => [
      name,
      toText(Object.hasOwn(sent, name) ? sent[name] : undefined) ?? null,
    ]),
  );
};

/** Serializes attributes. Attributes equal to the stored ones get the same text. */
function serialize(
  attributes: StoredAttributes,
  storedText: string | undefined,
  stored: StoredAttributes | undefined,
): string {
  const text = JSON.stringify(attributes);
  if (Buffer.byteLength(text) > maxAttributeBytes)
    throw invalidInput({
      path: '',
      message: `must have at most ${maxAttributeBytes} bytes of attributes`,
    });
  return storedText !== undefined && isDeepStrictEqual(stored, JSON.parse(text))
    ? storedText
    : text;
}
