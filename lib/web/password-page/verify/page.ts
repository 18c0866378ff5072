import type { Language } from '../../../domain/mail/language.ts';
import { getTenantName } from '../branding.ts';
import { byId, write } from '../elements.ts';
import { renderLanguage } from '../language-menu.ts';
import { formatLocalTime, messages } from '../languages.ts';
import type { CardMessages, PageMessages } from '../messages/page-messages.ts';
import { renderPasteForm } from '../paste-form.ts';
import type { VerificationDetails, Verified, VerifyFailure } from './api-client.ts';

/** Form with one button that verifies the email. */
export interface FormState {
  readonly name: 'verify';
  readonly link: VerificationDetails;
  readonly isSending: boolean;
  /** Problem of an attempt that can be repeated. */
  readonly trouble?: VerifyFailure | undefined;
}

interface ProblemState {
  readonly name: 'problem';
  readonly problem: VerifyFailure;
  /** True after the user pasted text without a link. */
  readonly isLinkRefused?: boolean;
}

interface DoneState {
  readonly name: 'done';
  readonly link: VerificationDetails;
  readonly verified: Verified;
}

/** State of the page. */
export type PageState = { readonly name: 'checking' } | FormState | ProblemState | DoneState;

/** Problems that may pass with the same link. */
export const retryableProblems: readonly VerifyFailure[] = [
  'suspended',
  'tooManyRequests',
  'offline',
  'unavailable',
];

const continueLink = document.querySelector<HTMLAnchorElement>('#continue')!;

/** Renders a state in a language. */
export function render(state: PageState, language: Language): void {
  const texts = messages[language];
  renderLanguage(language);
  byId('main').dataset['view'] = state.name;
  byId('main').ariaBusy = String(state.name === 'checking');
  byId('form').hidden = state.name !== 'verify';
  continueLink.hidden = state.name !== 'done';
  for (const id of ['mark', 'explanation']) write(id);
  const isMissing = state.name === 'problem' && state.problem === 'missing';
  const isLinkRefused = state.name === 'problem' && state.isLinkRefused === true;
  const { help } = texts.verification;
  renderPasteForm({ isVisible: isMissing, isLinkRefused, help }, texts);
  byId('again').hidden = !(state.name === 'problem' && retryableProblems.includes(state.problem));
  write('again', texts.tryAgain);
  if (state.name === 'checking') write('heading', texts.wait);
  if (state.name === 'verify') renderForm(state, texts, language);
  if (state.name === 'done') renderDone(state, texts);
  if (state.name === 'problem') {
    const { heading, advice } = getProblem(state.problem, texts);
    write('heading', heading);
    write('explanation', advice);
  }
  document.title = byId('heading').textContent;
}

function renderForm(
  { link, isSending, trouble }: FormState,
  texts: PageMessages,
  language: Language,
): void {
  const { heading, advice, submit } = texts.verification;
  const { email, expiresTime } = link;
  const tenantName = getTenantName(link);
  write('mark', [...tenantName][0]?.toUpperCase());
  write('heading', heading);
  write('explanation', advice(tenantName, email));
  const problem = trouble && getProblem(trouble, texts);
  write('trouble', problem && `${problem.heading}. ${problem.advice}`);
  write('submit', isSending ? texts.wait : submit);
  byId('submit').ariaDisabled = String(isSending);
  write('until', texts.reset.validUntil(formatLocalTime(new Date(expiresTime), language)));
}

function renderDone({ link, verified }: DoneState, texts: PageMessages): void {
  const tenantName = getTenantName(link);
  write('heading', texts.verification.done);
  write('explanation', texts.verification.doneAdvice(tenantName, verified.email));
  write('continue', texts.password.continueTo(tenantName));
  continueLink.href = verified.continueUrl;
}

function getProblem(
  problem: VerifyFailure,
  { verification, invitation }: PageMessages,
): CardMessages {
  return problem === 'tooManyRequests' || problem === 'offline' || problem === 'unavailable'
    ? invitation.problems[problem]
    : verification.problems[problem];
}
