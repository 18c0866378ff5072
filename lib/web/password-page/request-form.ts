import { byId, getInput, write } from './elements.ts';
import type { Purpose } from './languages.ts';
import type { PageMessages, Problem } from './messages/page-messages.ts';
import type { PageState, RequestState } from './page-state.ts';
import type { RequestProblem } from './api-client.ts';

/** Button that opens the form. */
interface RequestButton {
  readonly label: 'newLink' | 'resetPassword' | 'sendAgain';
  /** Link to request. */
  readonly purpose: Purpose;
}

const sendAgain: RequestButton = { label: 'sendAgain', purpose: 'invitation' };
const newLink: RequestButton = { label: 'newLink', purpose: 'reset' };

/**
 * Problems that a new link solves. A new invitation comes only from the person who invited the
 * user.
 */
const requestButtons: Readonly<Record<Purpose, Readonly<Partial<Record<Problem, RequestButton>>>>> =
  {
    invitation: {
      missing: sendAgain,
      invalid: sendAgain,
      superseded: sendAgain,
      used: { label: 'resetPassword', purpose: 'reset' },
    },
    reset: { missing: newLink, invalid: newLink, expired: newLink, used: newLink },
  };

export const requestEmailInput = getInput('request-email');
export const organizationInput = getInput('organization');

/** Returns the button of a state that opens the form. */
export const getRequestButton = (state: PageState, purpose: Purpose): RequestButton | undefined =>
  state.name === 'problem' ? requestButtons[purpose][state.problem] : undefined;

/** Renders the form, its confirmation and the buttons that lead to it. */
export function renderRequest(state: PageState, texts: PageMessages, purpose: Purpose): void {
  const { request } = texts;
  byId('request').hidden = state.name !== 'request';
  const button = getRequestButton(state, purpose);
  byId('request-link').hidden = !button;
  byId('request-link').className =
    state.name === 'problem' && state.problem === 'missing' ? 'plain' : 'main';
  write('request-link', button && request[button.label]);
  byId('other-email').hidden = state.name !== 'requested';
  write('other-email', request.otherEmail);
  byId('have-link').hidden = !(
    state.name === 'request' &&
    state.purpose === 'reset' &&
    purpose === 'reset'
  );
  write('have-link', request.haveLink);
  if (state.name === 'request') renderForm(state, texts);
  if (state.name === 'requested') {
    write('heading', request.sent);
    write('explanation', request.sentAdvice(state.email));
  }
}

function renderForm(
  { purpose, isSending, needsOrganization, problem }: RequestState,
  texts: PageMessages,
): void {
  const { request, wait } = texts;
  write('heading', request[purpose].heading);
  write('explanation', request[purpose].advice);
  write('request-email-label', purpose === 'reset' ? request.account : request.email);
  requestEmailInput.ariaInvalid = String(
    problem === 'invalidEmail' || problem === 'missingAccount',
  );
  byId('organization-field').hidden = !needsOrganization;
  write('organization-label', request.organization);
  write('organization-hint', request.organizationHint);
  organizationInput.ariaInvalid = String(problem === 'missingOrganization');
  write('request-trouble', problem && describeProblem(problem, texts));
  write('send-request', isSending ? wait : request.submit);
  byId('send-request').ariaDisabled = String(isSending);
}

function describeProblem(problem: RequestProblem, { request, invitation }: PageMessages): string {
  if (
    problem === 'invalidEmail' ||
    problem === 'missingAccount' ||
    problem === 'missingOrganization'
  )
    return request[problem];
  const { heading, advice } = invitation.problems[problem];
  return `${heading}. ${advice}`;
}
