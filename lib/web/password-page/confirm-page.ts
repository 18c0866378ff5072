import {
  type AttemptProblem,
  type LinkProblem,
  type Messages,
  messages,
} from './confirm-messages.ts';
import { byId, getInput, write } from './elements.ts';
import type { Locale } from './languages.ts';

export interface FormState {
  readonly name: 'sign-in';
  readonly isRevealed: boolean;
  readonly isSending: boolean;
  readonly trouble?:
    | { readonly problem: AttemptProblem; readonly retryAfterSeconds?: number | undefined }
    | undefined;
}

interface ProblemState {
  readonly name: 'problem';
  readonly problem: LinkProblem;
  /** True after the user pasted text without a link. */
  readonly isLinkRefused?: boolean;
}

/** State of the page. */
export type PageState = FormState | ProblemState | { readonly name: 'done' };

export const accountInput = getInput('account');
export const passwordInput = getInput('password');
export const linkInput = getInput('link');

/** Renders a state in a language. */
export function render(state: PageState, locale: Locale): void {
  const texts = messages[locale];
  const other: Locale = locale === 'en' ? 'de' : 'en';
  document.documentElement.lang = locale;
  byId('language').lang = other;
  write('language', messages[other].language);
  byId('main').dataset['view'] = state.name;
  byId('form').hidden = state.name !== 'sign-in';
  byId('paste').hidden = !(state.name === 'problem' && state.problem === 'missing');
  if (state.name === 'sign-in') renderForm(state, texts, locale);
  if (state.name === 'problem') renderProblem(state, texts);
  if (state.name === 'done') writeHeading(texts.done, texts.close);
}

function renderForm(
  { isRevealed, isSending, trouble }: FormState,
  texts: Messages,
  locale: Locale,
): void {
  writeHeading(texts.heading, texts.explanation);
  write('account-label', texts.account);
  write('password-label', texts.password);
  passwordInput.type = isRevealed ? 'text' : 'password';
  write('reveal', isRevealed ? texts.hide : texts.show);
  byId('reveal').ariaLabel = isRevealed ? texts.hidePassword : texts.showPassword;
  write('trouble', trouble && formatTrouble(trouble, texts, locale));
  const isRejected = trouble?.problem === 'wrongPassword';
  accountInput.ariaInvalid = String(isRejected || trouble?.problem === 'otherAccount');
  passwordInput.ariaInvalid = String(isRejected);
  write('submit', isSending ? texts.sending : texts.submit);
  byId('submit').ariaDisabled = String(isSending);
}

function formatTrouble(
  { problem, retryAfterSeconds }: NonNullable<FormState['trouble']>,
  { attemptProblems, retryAfter }: Messages,
  locale: Locale,
): string {
  const text = attemptProblems[problem];
  return problem === 'tooManyRequests'
    ? `${text} ${retryAfter(formatWait(retryAfterSeconds ?? 60, locale))}`
    : text;
}

function formatWait(seconds: number, locale: Locale): string {
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

function renderProblem({ problem, isLinkRefused = false }: ProblemState, texts: Messages): void {
  const { heading, advice } = texts.linkProblems[problem];
  writeHeading(heading, advice);
  write('link-label', texts.pasteLink);
  write('link-trouble', isLinkRefused ? texts.invalidLink : '');
  linkInput.ariaInvalid = String(isLinkRefused);
  write('open', texts.openLink);
  write('help', texts.help);
}

function writeHeading(heading: string, explanation: string): void {
  write('heading', heading);
  write('explanation', explanation);
  document.title = heading;
}
