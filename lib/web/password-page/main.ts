/**
 * Page on which a user accepts an invitation or resets a password by a mailed link. The token stays
 * in memory.
 */
import { findLanguage, type Language } from '../../domain/mail/language.ts';
import { renderBranding } from './branding.ts';
import { byId } from './elements.ts';
import { openLanguageMenu } from './language-menu.ts';
import type { Purpose } from './languages.ts';
import { openPage, parseTokenSubject, readLink, toUuid } from './link.ts';
import { passwordInput, render, retryableProblems } from './page.ts';
import type { FormState, PageState } from './page-state.ts';
import { checkPassword, preloadCommonPasswords } from './check-password.ts';
import { linkInput, onPaste } from './paste-form.ts';
import { getRequestButton, organizationInput, requestEmailInput } from './request-form.ts';
import { findBranding, inspectLink, redeemLink, requestLink } from './api-client.ts';

const namedTenant = new URLSearchParams(location.search).get('tenant') ?? undefined;
let { token, language: chosenLanguage } = readLink();
let purpose: Purpose = location.pathname.endsWith('/reset') ? 'reset' : 'invitation';
let language: Language = chosenLanguage ?? findLanguage(navigator.languages) ?? 'en';
let state: PageState = { name: 'checking' };

const show = (next: PageState): void => {
  const isOther = next.name !== state.name;
  state = next;
  render(state, language, purpose);
  if (isOther) focusStart();
};

/**
 * Focuses the first field, else the heading. Screen readers announce the heading as the name of a
 * form.
 */
const focusStart = (): void => {
  if (state.name === 'choosing') return passwordInput.focus();
  if (state.name === 'request') return requestEmailInput.focus();
  if (state.name === 'problem' && state.problem === 'missing') return linkInput.focus();
  byId('heading').focus();
};

const update = (changes: Partial<FormState>): void => {
  if (state.name === 'choosing') show({ ...state, ...changes });
};

const openRequest = (requested: Purpose): void =>
  show({ name: 'request', purpose: requested, isSending: false, needsOrganization: false });

const open = async (): Promise<void> => {
  if (token === '') {
    renderBranding(await findBranding(namedTenant));
    return purpose === 'reset'
      ? openRequest('reset')
      : show({ name: 'problem', problem: 'missing' });
  }
  show({ name: 'checking' });
  const outcome = await inspectLink(purpose, token);
  if (!('result' in outcome)) {
    show({ name: 'problem', problem: 'problem' in outcome ? outcome.problem : 'unavailable' });
    return renderBranding(await findBranding(findTenant()));
  }
  renderBranding(outcome.result.branding);
  language = chosenLanguage ?? findLanguage([outcome.result.locale]) ?? language;
  show({ name: 'choosing', link: outcome.result, isRevealed: false, isSending: false });
};

const checkInput = async (): Promise<void> => {
  if (state.name !== 'choosing') return;
  const password = passwordInput.value;
  const reason = await checkPassword(password, state.link.password);
  const isCurrent = password === passwordInput.value;
  if (isCurrent) update({ verdict: password === '' ? undefined : { reason, isSubmitted: false } });
};

const submit = async (): Promise<void> => {
  if (state.name !== 'choosing' || state.isSending) return;
  const { link } = state;
  const password = passwordInput.value;
  update({ isSending: true, trouble: undefined });
  const reason = await checkPassword(password, link.password);
  if (reason === undefined) update({ isRevealed: false });
  const outcome =
    reason === undefined ? await redeemLink(purpose, token, password) : { rejected: reason };
  update({ isSending: false });
  if ('result' in outcome) {
    passwordInput.value = '';
    show({ name: 'done', link, redeemed: outcome.result });
  } else if ('rejected' in outcome) {
    update({ verdict: { reason: outcome.rejected, isSubmitted: true } });
    passwordInput.focus();
  } else if (retryableProblems.includes(outcome.problem)) {
    update({ trouble: outcome.problem });
  } else {
    show({ name: 'problem', problem: outcome.problem });
  }
};

/**
 * Returns the tenant of the link, else of the form, else of the query. Without one, the host may
 * name it.
 */
const findTenant = (): string | undefined => {
  const subject = parseTokenSubject(token);
  return subject ? toUuid(subject.tenantId) : organizationInput.value.trim() || namedTenant;
};

const submitRequest = async (): Promise<void> => {
  if (state.name !== 'request' || state.isSending) return;
  const request = state;
  const name = requestEmailInput.value.trim();
  const isUserName = request.purpose === 'reset' && !name.includes('@');
  const account = isUserName ? { userName: name } : { email: name };
  const missing = isUserName ? 'missingAccount' : 'invalidEmail';
  show({ ...request, isSending: true, problem: undefined });
  const problem = name === '' ? missing : await requestLink(account, findTenant());
  if (problem === undefined)
    return show({ name: 'requested', purpose: request.purpose, email: name });
  show({
    ...request,
    isSending: false,
    problem,
    needsOrganization: request.needsOrganization || problem === 'missingOrganization',
  });
  if (problem === 'invalidEmail' || problem === 'missingAccount') requestEmailInput.focus();
  if (problem === 'missingOrganization') organizationInput.focus();
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  // Only a person uses a link: mail scanners that run scripts and press buttons have no user
  // activation.
  if (navigator.userActivation?.hasBeenActive ?? true) void submit();
});
byId('request').addEventListener('submit', (event) => {
  event.preventDefault();
  if (navigator.userActivation?.hasBeenActive ?? true) void submitRequest();
});
onPaste(
  () => purpose,
  (link) => {
    if (!link) return show({ name: 'problem', problem: 'missing', isLinkRefused: true });
    if (link.purpose === 'confirmation' || link.purpose === 'verification') return openPage(link);
    ({ token, purpose } = { token: link.token, purpose: link.purpose });
    language = chosenLanguage ??= link.language ?? language;
    void open();
  },
);
passwordInput.addEventListener('input', () => void preloadCommonPasswords(), { once: true });
passwordInput.addEventListener('input', () => void checkInput());
byId('reveal').addEventListener(
  'click',
  () => state.name === 'choosing' && update({ isRevealed: !state.isRevealed }),
);
byId('again').addEventListener('click', () => void open());
byId('request-link').addEventListener('click', () => {
  const button = getRequestButton(state, purpose);
  if (button) openRequest(button.purpose);
});
byId('have-link').addEventListener('click', () => show({ name: 'problem', problem: 'missing' }));
byId('other-email').addEventListener(
  'click',
  () => state.name === 'requested' && openRequest(state.purpose),
);
openLanguageMenu((chosen) => {
  chosenLanguage = language = chosen;
  show(state);
});
// Another link opened in the same tab changes only the fragment, which loads nothing.
addEventListener('hashchange', () => location.reload());

void open();
