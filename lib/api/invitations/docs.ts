import { jitsudoAcceptance } from '../links/acceptance-jitsudo.ts';
import { nativeAcceptance } from '../links/acceptance-native.ts';
import { invitationResponse, invitationLinkResponse, invitationList } from './native.ts';
import type { DialectName, Operation } from '../routes.ts';
import { linkInspectionShape, linkToken } from '../links/docs.ts';
import type { Shape } from '../operation-doc.ts';

type InvitationOperation = Extract<
  Operation,
  `${string}Invitation` | 'listInvitations' | 'copyInvitationLink'
>;

const password = 'correct horse battery staple';
const laterTime = '2026-02-01T09:30:00.000Z';
const email = 'jsmith@example.com';
const userId = 'cradl:user:0123456789ab4def8123456789abcdef';

const sent = {
  invitationId: 'cradl:invitation:89abcdef012345678123456789abcdef',
  userId,
  email,
  status: 'pending',
  roleIds: ['cradl:role:user'],
  locale: null,
  appClientId: null,
  version: 1,
  channel: 'mail',
  invitedTime: '2026-01-31T12:00:00.000Z',
  invitedBy: 'admin',
  expiresTime: '2026-02-07T12:00:00.000Z',
  acceptedTime: null,
  refusedRoleIds: [],
  revokedTime: null,
  revokedBy: null,
  delivery: {
    status: 'sent',
    time: '2026-01-31T12:00:00.250Z',
    reason: null,
    sentTimes: ['2026-01-31T12:00:00.250Z'],
  },
};
const answer = (changes: object = {}) => ({
  schema: invitationResponse,
  example: { ...sent, ...changes },
});

const acceptance = {
  native: {
    wire: nativeAcceptance,
    example: {
      userId,
      email,
      status: 'active',
      refusedRoleIds: [],
      continueUrl: 'https://acme.example.com',
    },
  },
  jitsudo: { wire: jitsudoAcceptance, example: { message: 'Password set' } },
};

/** What the operations on invitations take and give. */
export const invitationShapes: Readonly<
  Record<InvitationOperation, (dialect: DialectName) => Shape>
> = {
  listInvitations: () => ({
    query: invitationList.query,
    answer: {
      schema: invitationList.response,
      example: invitationList.toResponse([sent], undefined),
    },
    done: 'A page of invitations.',
  }),
  getInvitation: () => ({ answer: answer(), done: 'The invitation.' }),
  resendInvitation: () => ({
    answer: answer({
      version: 2,
      invitedTime: laterTime,
      expiresTime: '2026-02-08T09:30:00.000Z',
      delivery: { status: 'owed', time: null, reason: null, sentTimes: sent.delivery.sentTimes },
    }),
    done: 'The user is invited again.',
    conditional: true,
  }),
  revokeInvitation: () => ({
    answer: answer({ status: 'revoked', revokedTime: laterTime, revokedBy: 'admin' }),
    done: 'The links of the invitation are worth nothing any more.',
    conditional: true,
  }),
  copyInvitationLink: () => ({
    answer: {
      schema: invitationLinkResponse,
      example: {
        link: `https://acme.example.com/accept#token=${linkToken}&locale=en`,
        expiresTime: '2026-02-08T09:30:00.000Z',
      },
    },
    done: 'A new link, which is the only one that is good.',
    conditional: true,
  }),
  inspectInvitation: () => linkInspectionShape(sent.expiresTime, 'The invitation can be accepted.'),
  acceptInvitation: (dialect) => {
    const { wire, example } = dialect === 'jitsudo' ? acceptance.jitsudo : acceptance.native;
    return {
      request: { schema: wire.acceptInput, example: { token: linkToken, password } },
      answer: { schema: wire.response, example },
      done: 'The user is active and has this password.',
      ...(wire.mapError && { mapError: wire.mapError }),
    };
  },
};
