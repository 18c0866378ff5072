import type { RequestLog } from '../../domain/connections/request-log.ts';

/** Departures from the RFCs that are understood, by the name that the log of a connection shows. */
export const quirks = {
  'text-boolean': 'Text `"True"` or `"False"` for a boolean.',
  'bare-value': 'Text for a complex value: `"2819c223"` for `{"value":"2819c223"}`.',
  'single-value-list': 'List with one value for a single-valued attribute: `[{"value":"Ada"}]`.',
  'value-without-list': 'Single value for a multi-valued attribute.',
  'extension-attribute-without-urn': 'Attribute of an extension without the URN: `department`.',
  'schema-alias': 'Misspelled URN, or URN of SCIM 1, for a schema.',
  'unknown-schemas': 'Missing `schemas`, or URNs of unknown schemas in it.',
  'dotted-name': 'Path as the name of a field: `"name.givenName"`.',
  'unquoted-value': 'Text without quotes in a filter: `externalId eq 4711`.',
  'filtered-sub-attribute':
    'Sub-attribute after a value path in a filter: `emails[type eq "work"].value eq "ada@example.com"`.',
  'capitalized-operation': 'Operation in another case: `Add`, `Replace` or `Remove`.',
  'empty-path': 'Empty `path` for an operation without a path.',
  'remove-with-value': 'Values to remove in `value`, with a path that selects all values.',
  'replace-creates':
    '`Replace` of a value that does not exist, which Entra ID sends to add the value.',
} as const;

export type QuirkName = keyof typeof quirks;

/** Part of a request log that a parser of texts needs. */
export type QuirkLog = Pick<RequestLog, 'quirk'>;

/** Adds a quirk to the log of the connection, if the request has one. */
export const reportQuirk = (log: QuirkLog | undefined, name: QuirkName): void => log?.quirk(name);
