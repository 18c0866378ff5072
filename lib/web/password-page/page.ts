import { normalizePassword } from '../../domain/credentials/password-policy.ts';
import { byId, getInput, write } from './elements.ts';
import { languages, type Locale, type Purpose, spokenOf } from './languages.ts';
import type { Accepted, Invitation } from './api-client.ts';
import type { Problem, Words } from './messages.ts';

/** What the page shows: one thing at a time. */
export type View = { readonly name: 'checking' } | Choosing | Done | Trouble;

/** Problem that stops the page. `isLinkRefused` is true after invalid text was pasted. */
interface Trouble {
  readonly name: 'problem';
  readonly problem: Problem;
  readonly isLinkRefused?: boolean;
}

/** The form. */
export interface Choosing {
  readonly name: 'choosing';
  readonly invitation: Invitation;
  readonly isRevealed: boolean;
  readonly isSending: boolean;
  /** What is against the password, if anything; `insists` once it has been sent. Nothing is said before something is typed. */
  readonly verdict?: { readonly reason: string | undefined; readonly insists: boolean } | undefined;
  /** Why it could not be sent: it can be sent again. */
  readonly trouble?: Problem | undefined;
}

interface Done {
  readonly name: 'done';
  readonly invitation: Invitation;
  readonly accepted: Accepted;
}

/** What may well succeed a little later, with the same link. */
export const passes: readonly Problem[] = [
  'suspended',
  'tooManyRequests',
  'offline',
  'unavailable',
];

const emailInput = getInput('email');
export const passwordInput = getInput('password');
export const linkInput = getInput('link');
const progress = document.querySelector('progress')!;
const goOn = document.querySelector<HTMLAnchorElement>('#go-on')!;

/** Writes a view into the page, in the words of a language. */
export const render = (view: View, locale: Locale, purpose: Purpose): void => {
  const words = languages[purpose][locale];
  const other: Locale = locale === 'en' ? 'de' : 'en';
  document.documentElement.lang = locale;
  byId('language').lang = other;
  write('language', languages[purpose][other].language);

  byId('main').dataset['view'] = view.name;
  byId('main').ariaBusy = String(view.name === 'checking');
  byId('form').hidden = view.name !== 'choosing';
  byId('again').hidden = !(view.name === 'problem' && passes.includes(view.problem));
  write('again', words.tryAgain);
  byId('paste').hidden = !(view.name === 'problem' && view.problem === 'missing');
  for (const id of ['mark', 'greeting', 'explanation', 'identity', 'refused-roles']) write(id);
  if (view.name === 'checking') write('heading', words.checking);
  if (view.name === 'choosing') renderChoosing(view, words, regional(locale));
  if (view.name === 'done') renderDone(view, words);
  if (view.name === 'problem') {
    write('heading', words.problems[view.problem].heading);
    write('explanation', words.problems[view.problem].advice);
    renderPaste(view, words);
  }
  document.title = byId('heading').textContent;
};

const renderPaste = ({ isLinkRefused = false }: Trouble, words: Words): void => {
  write('link-label', words.pasteLink);
  write('link-trouble', isLinkRefused ? words.invalidLink : '');
  linkInput.ariaInvalid = String(isLinkRefused);
  write('open', words.openLink);
  write('help', words.support);
};

/** A language as the reader's own region writes dates. */
const regional = (locale: Locale): string =>
  navigator.languages.find((tag) => spokenOf([tag]) === locale) ?? locale;

const renderChoosing = (view: Choosing, words: Words, region: string): void => {
  const { email, name, tenant, identity, expiresTime, password } = view.invitation;
  const until = new Intl.DateTimeFormat(region, { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(expiresTime),
  );
  write('mark', [...tenant.name][0]?.toUpperCase());
  write('heading', words.welcome(tenant.name));
  write('greeting', name ? words.hello(name) : '');
  write('explanation', words.choose);
  write('identity', identity ? words.identity(identity.issuer) : '');
  write('email-label', words.email);
  emailInput.value = email;
  write('password-label', words.password);
  passwordInput.type = view.isRevealed ? 'text' : 'password';
  // For programs that make passwords up: the form itself is not checked by it.
  passwordInput.minLength = password.minimumLength;
  write('reveal', view.isRevealed ? words.hide : words.show);
  byId('reveal').ariaLabel = view.isRevealed ? words.hidePassword : words.showPassword;
  write('hint', words.hint(password.minimumLength));
  renderVerdict(view, words);
  write(
    'trouble',
    view.trouble &&
      `${words.problems[view.trouble].heading}. ${words.problems[view.trouble].advice}`,
  );
  write('submit', view.isSending ? words.sending : words.submit);
  byId('submit').ariaDisabled = String(view.isSending);
  write('until', words.validUntil(until));
};

const renderVerdict = ({ verdict, invitation }: Choosing, { acceptable, reasons }: Words): void => {
  const { minimumLength } = invitation.password;
  const against =
    verdict?.reason &&
    (reasons[verdict.reason as keyof typeof reasons] ?? reasons.other)(minimumLength);
  // Whoever is still typing has done nothing wrong yet.
  const isEarly = !verdict || (verdict.reason === 'too_short' && !verdict.insists);
  write('verdict', verdict && (against ?? acceptable));
  for (const { dataset } of [byId('verdict'), progress])
    dataset['tone'] = isEarly ? 'neutral' : against ? 'bad' : 'good';
  progress.value = [...normalizePassword(passwordInput.value)].length / minimumLength;
  passwordInput.ariaInvalid = String(verdict?.insists === true);
};

const renderDone = (
  { invitation: { tenant, email }, accepted: { refusedRoleIds, continueUrl } }: Done,
  words: Words,
): void => {
  const isWebAddress = /^https?:\/\//i.test(continueUrl ?? '');
  const roles = (refusedRoleIds ?? []).map((id) => id.split(':').at(-1)).join(', ');
  write('heading', words.done);
  write(
    'explanation',
    `${words.signIn(tenant.name, email)}${isWebAddress ? '' : ` ${words.close}`}`,
  );
  write('refused-roles', roles && words.refusedRoles(roles));
  write('go-on', words.goOn(tenant.name));
  goOn.hidden = !isWebAddress;
  if (isWebAddress) goOn.href = continueUrl ?? '';
};
