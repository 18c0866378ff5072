/** Page on which an account holder signs in and confirms an email by a mailed link. Token and password stay in memory. */
import {
  type FormState,
  accountInput,
  linkInput,
  type PageState,
  passwordInput,
  render,
} from './confirm-page.ts';
import { confirmEmail, parseTokenSubject } from './confirm-api-client.ts';
import { byId } from './elements.ts';
import { findLink } from './find-link.ts';
import { type Locale, spokenOf } from './languages.ts';
import { openPage, takeLink } from './link.ts';

let { token, locale: chosenLocale } = takeLink();
let locale: Locale = chosenLocale ?? spokenOf(navigator.languages) ?? 'en';
let state: PageState | undefined;

const show = (next: PageState): void => {
  const isOther = next.name !== state?.name;
  state = next;
  render(state, locale);
  // Screen readers announce the new heading.
  if (isOther) byId('heading').focus();
};

const update = (changes: Partial<FormState>): void => {
  if (state?.name === 'sign-in') show({ ...state, ...changes });
};

const open = (): void => {
  if (token === '') return show({ name: 'problem', problem: 'missing' });
  if (!parseTokenSubject(token)) return show({ name: 'problem', problem: 'invalid' });
  show({ name: 'sign-in', isRevealed: false, isSending: false });
};

const submit = async (): Promise<void> => {
  const subject = parseTokenSubject(token);
  if (!subject || state?.name !== 'sign-in' || state.isSending) return;
  const input = { account: accountInput.value.trim(), password: passwordInput.value };
  if (input.account === '' || input.password === '') {
    update({ trouble: { problem: 'incomplete' } });
    return (input.account === '' ? accountInput : passwordInput).focus();
  }
  update({ isSending: true, isRevealed: false, trouble: undefined });
  const outcome = await confirmEmail(token, subject, input);
  update({ isSending: false });
  if (outcome.name === 'attempt') {
    update({ trouble: outcome });
    if (outcome.problem === 'wrongPassword') passwordInput.focus();
    return;
  }
  passwordInput.value = '';
  show(
    outcome.name === 'confirmed' ? { name: 'done' } : { name: 'problem', problem: outcome.problem },
  );
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  // Only a person uses a link: mail scanners that run scripts and press buttons have no user activation.
  if (navigator.userActivation?.hasBeenActive ?? true) void submit();
});
byId('paste').addEventListener('submit', (event) => {
  event.preventDefault();
  const link = findLink(linkInput.value, 'confirmation');
  if (!link) return show({ name: 'problem', problem: 'missing', isLinkRefused: true });
  linkInput.value = '';
  if (link.purpose !== 'confirmation') return openPage(link);
  ({ token } = link);
  locale = chosenLocale ??= link.locale ?? locale;
  open();
});
byId('reveal').addEventListener(
  'click',
  () => state?.name === 'sign-in' && update({ isRevealed: !state.isRevealed }),
);
byId('language').addEventListener('click', () => {
  chosenLocale = locale = locale === 'en' ? 'de' : 'en';
  if (state) show(state);
});
// Another link opened in the same tab changes only the fragment, which loads nothing.
addEventListener('hashchange', () => location.reload());

open();
