/** Examples and error texts that several resources share. */
import { Failure } from '../domain/kernel/failure.ts';
import type { ErrorDocs } from './operation-doc.ts';

export const exampleUserId = 'cradl:user:0123456789ab4def8123456789abcdef';
export const exampleProfileId = 'cradl:profile:fedcba9876544210bedcba9876543210';
export const exampleTenantId = '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0';
export const exampleEmail = 'jsmith@example.com';
export const examplePassword = 'correct horse battery staple';
export const exampleNewPassword = 'tangled orchard, seven lamps';
export const exampleCreatedTime = '2026-01-31T12:00:00.000Z';
export const exampleUpdatedTime = '2026-02-01T09:30:00.000Z';
export const exampleRequestId = 'JKJaXmPLvHcESHA=';

/** Has the length and the first letters of a link token. */
export const exampleLinkToken = `AS${'ExampleOnly'.repeat(8)}Ex`;

export const exampleLogoVersion = '0123456789abcdef0123456789abcdef';
const exampleLogoUrl = `https://acme.example.com/v1/logos/${exampleTenantId}/${exampleLogoVersion}`;
export const exampleBranding = {
  displayName: 'Acme',
  accentColor: '#0b6e4f',
  logo: exampleLogoUrl,
};

export const exampleOpenLink = {
  status: 'pending',
  email: exampleEmail,
  name: 'Jane Smith',
  tenant: { name: 'Acme' },
  branding: exampleBranding,
  identity: null,
  locale: 'en',
  password: { minimumLength: 15, mustNotContain: [exampleEmail, 'jsmith', 'acme'] },
};

/** Fields of an event that the examples of the feed and the audit log share. */
export const exampleEvent = {
  sequence: 42,
  eventId: '00000000-002a-8f3c-9a5b-0123456789ab',
  type: 'user.updated',
  time: exampleCreatedTime,
  numberedTime: '2026-01-31T12:00:00.700Z',
  resource: { type: 'user', id: exampleUserId, version: 3 },
  member: null,
  changedFields: ['businessRole'],
  requestId: exampleRequestId,
  policies: ['update-user'],
  digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
};
export const exampleActor = {
  type: 'appClient',
  id: 'cradl:app-client:0123456789ab4def8123456789abcdef',
};

/** Errors of every operation on events. */
export const eventErrors: ErrorDocs = { events_disabled: {} };

/** Errors of every call with a link token. */
export const linkErrors: ErrorDocs = {
  not_found: {
    text: 'the token is not valid, or the user no longer exists. The response does not reveal which',
    example: new Failure('not_found', 'This link is not valid'),
  },
  too_many_requests: {
    limits: {
      link_attempts: 'uses of the links of one account from one network in an hour',
      network_links: 'uses of links and reset requests from one network in an hour',
    },
  },
};

/** Error of a request with an `If-Match` that is not current. */
export const versionErrors = (resource: string): ErrorDocs => ({
  precondition_failed: {
    text: `the ${resource} does not have a version listed in \`If-Match\`. \`details.version\` has the current one; read the ${resource} again`,
  },
});
