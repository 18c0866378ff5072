import { normalizePassword } from '../../domain/credentials/password-policy.ts';
import type { Language } from '../../domain/mail/language.ts';
import { getTenantName } from './branding.ts';
import { byId, getInput, write } from './elements.ts';
import { renderLanguage } from './language-menu.ts';
import { formatLocalTime, getProblem, messages, type Purpose } from './languages.ts';
import type { PageMessages, Problem } from './messages/page-messages.ts';
import { renderPasteForm } from './paste-form.ts';
import type { DoneState, FormState, PageState } from './page-state.ts';
import { renderRequest } from './request-form.ts';

/** Problems that may pass with the same link. */
export const retryableProblems: readonly Problem[] = [
  'suspended',
  'tooManyRequests',
  'offline',
  'unavailable',
];

const emailInput = getInput('email');
export const passwordInput = getInput('password');
const progress = document.querySelector('progress')!;
const continueLink = document.querySelector<HTMLAnchorElement>('#continue')!;

/** Renders a state in a language. */
export const render = (state: PageState, language: Language, purpose: Purpose): void => {
  const texts = messages[language];
  renderLanguage(language);
  byId('main').dataset['view'] = state.name;
  byId('main').ariaBusy = String(state.name === 'checking');
  byId('form').hidden = state.name !== 'choosing';
  for (const id of ['mark', 'greeting', 'explanation', 'identity', 'refused-roles']) write(id);
  const isMissing = state.name === 'problem' && state.problem === 'missing';
  const isLinkRefused = state.name === 'problem' && state.isLinkRefused === true;
  renderPasteForm({ isVisible: isMissing, isLinkRefused, help: texts[purpose].help }, texts);
  byId('again').hidden = !(state.name === 'problem' && retryableProblems.includes(state.problem));
  write('again', texts.tryAgain);
  renderRequest(state, texts, purpose);
  if (state.name === 'checking') write('heading', texts.wait);
  if (state.name === 'choosing') renderForm(state, texts, { purpose, language });
  if (state.name === 'done') renderDone(state, texts, purpose);
  if (state.name === 'problem') {
    const { heading, advice } = getProblem(texts, purpose, state.problem);
    write('heading', heading);
    write('explanation', advice);
  }
  document.title = byId('heading').textContent;
};

const renderForm = (
  state: FormState,
  texts: PageMessages,
  { purpose, language }: { readonly purpose: Purpose; readonly language: Language },
): void => {
  const { email, name, identity, expiresTime, password } = state.link;
  const tenantName = getTenantName(state.link);
  const until = formatLocalTime(new Date(expiresTime), language);
  write('mark', [...tenantName][0]?.toUpperCase());
  write('heading', texts[purpose].welcome(tenantName));
  write('greeting', name ? texts.greeting(name) : '');
  write('explanation', texts[purpose].choose);
  write('identity', identity ? texts.identity(identity.issuer) : '');
  write('email-label', texts.password.email);
  emailInput.value = email;
  write('password-label', texts.passwordLabel);
  passwordInput.type = state.isRevealed ? 'text' : 'password';
  // For password generators. The form does not validate it.
  passwordInput.minLength = password.minimumLength;
  write('reveal', state.isRevealed ? texts.hide : texts.show);
  byId('reveal').ariaLabel = state.isRevealed ? texts.hidePassword : texts.showPassword;
  write('hint', texts.password.hint(password.minimumLength));
  renderVerdict(state, texts);
  const trouble = state.trouble && getProblem(texts, purpose, state.trouble);
  write('trouble', trouble && `${trouble.heading}. ${trouble.advice}`);
  write('submit', state.isSending ? texts.wait : texts.password.submit);
  byId('submit').ariaDisabled = String(state.isSending);
  write('until', texts[purpose].validUntil(until));
};

const renderVerdict = (
  { verdict, link }: FormState,
  { password: { acceptable, reasons } }: PageMessages,
): void => {
  const { minimumLength } = link.password;
  const rejection =
    verdict?.reason &&
    (reasons[verdict.reason as keyof typeof reasons] ?? reasons.other)(minimumLength);
  // A short password is no mistake while the user types.
  const isEarly = !verdict || (verdict.reason === 'too_short' && !verdict.isSubmitted);
  write('verdict', verdict && (rejection ?? acceptable));
  for (const { dataset } of [byId('verdict'), progress])
    dataset['tone'] = isEarly ? 'neutral' : rejection ? 'bad' : 'good';
  progress.value = [...normalizePassword(passwordInput.value)].length / minimumLength;
  passwordInput.ariaInvalid = String(verdict?.isSubmitted === true);
};

const renderDone = ({ link, redeemed }: DoneState, texts: PageMessages, purpose: Purpose): void => {
  const { refusedRoleIds = [], continueUrl } = redeemed;
  const tenantName = getTenantName(link);
  const isWebAddress = /^https?:\/\//i.test(continueUrl ?? '');
  const roles = refusedRoleIds.map((id) => id.split(':').at(-1)).join(', ');
  write('heading', texts[purpose].done);
  write(
    'explanation',
    `${texts.password.signIn(tenantName, link.email)}${isWebAddress ? '' : ` ${texts.close}`}`,
  );
  write('refused-roles', roles && texts.password.refusedRoles(roles));
  write('continue', texts.password.continueTo(tenantName));
  continueLink.hidden = !isWebAddress;
  if (isWebAddress) continueLink.href = continueUrl ?? '';
};
