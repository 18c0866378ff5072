import type { Language } from '../../../domain/mail/language.ts';
import type { AttemptOutcome, RequestOutcome } from './api-client.ts';
import { byId, getInput, write } from '../elements.ts';
import { renderLanguage } from '../language-menu.ts';
import { messages } from '../languages.ts';
import type { ConfirmProblem, PageMessages } from '../messages/page-messages.ts';
import { renderPasteForm } from '../paste-form.ts';

export interface FormState {
  readonly name: 'sign-in';
  readonly isRevealed: boolean;
  readonly isSending: boolean;
  readonly trouble?: Omit<AttemptOutcome, 'name'> | undefined;
}

export interface ProblemState {
  readonly name: 'problem';
  readonly problem: ConfirmProblem;
  /** True after the user pasted text without a link. */
  readonly isLinkRefused?: boolean;
  /** Requests a new link, if the user signed in and a new link can help. */
  readonly requestLink?: (() => Promise<RequestOutcome>) | undefined;
  readonly isSending?: boolean;
  readonly trouble?: Omit<AttemptOutcome, 'name'> | undefined;
}

/** State of the page. */
export type PageState =
  | FormState
  | ProblemState
  | { readonly name: 'done' | 'sent' | 'not-needed' };

export const accountInput = getInput('account');
export const passwordInput = getInput('password');

/** Renders a state in a language. */
export function render(state: PageState, language: Language): void {
  const texts = messages[language];
  const { done, sent, notNeeded, help } = texts.confirmation;
  renderLanguage(language);
  byId('main').dataset['view'] = state.name;
  byId('main').ariaBusy = 'false';
  byId('form').hidden = state.name !== 'sign-in';
  const isMissing = state.name === 'problem' && state.problem === 'missing';
  renderPasteForm(
    { isVisible: isMissing, isLinkRefused: isMissing && state.isLinkRefused === true, help },
    texts,
  );
  byId('request-link').hidden = !(state.name === 'problem' && state.requestLink);
  write('request-trouble');
  if (state.name === 'sign-in') renderForm(state, texts, language);
  if (state.name === 'problem') renderProblem(state, texts, language);
  if (state.name === 'done') writeHeading(done, texts.close);
  if (state.name === 'sent') writeHeading(sent.heading, sent.advice);
  if (state.name === 'not-needed') writeHeading(notNeeded.heading, notNeeded.advice);
}

function renderForm(
  { isRevealed, isSending, trouble }: FormState,
  texts: PageMessages,
  language: Language,
): void {
  const { heading, advice, account, submit } = texts.confirmation;
  writeHeading(heading, advice);
  write('account-label', account);
  write('password-label', texts.passwordLabel);
  passwordInput.type = isRevealed ? 'text' : 'password';
  write('reveal', isRevealed ? texts.hide : texts.show);
  byId('reveal').ariaLabel = isRevealed ? texts.hidePassword : texts.showPassword;
  write('trouble', trouble && formatTrouble(trouble, texts, language));
  const isRejected = trouble?.problem === 'wrongPassword';
  accountInput.ariaInvalid = String(isRejected || trouble?.problem === 'otherAccount');
  passwordInput.ariaInvalid = String(isRejected);
  write('submit', isSending ? texts.wait : submit);
  byId('submit').ariaDisabled = String(isSending);
}

function formatTrouble(
  { problem, retryAfterSeconds }: Omit<AttemptOutcome, 'name'>,
  { confirmation: { attemptProblems, retryAfter } }: PageMessages,
  language: Language,
): string {
  const text = attemptProblems[problem];
  return problem === 'tooManyRequests'
    ? `${text} ${retryAfter(formatWait(retryAfterSeconds ?? 60, language))}`
    : text;
}

function formatWait(seconds: number, language: Language): string {
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    value,
  );
}

function renderProblem(
  { problem, isSending = false, trouble }: ProblemState,
  texts: PageMessages,
  language: Language,
): void {
  const { linkProblems, sendAgain } = texts.confirmation;
  writeHeading(linkProblems[problem].heading, linkProblems[problem].advice);
  write('request-trouble', trouble && formatTrouble(trouble, texts, language));
  write('request-link', isSending ? texts.wait : sendAgain);
  byId('request-link').ariaDisabled = String(isSending);
}

function writeHeading(heading: string, explanation: string): void {
  write('heading', heading);
  write('explanation', explanation);
  document.title = heading;
}
