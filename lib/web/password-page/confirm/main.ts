/**
 * Page on which an account holder signs in and confirms an email by a mailed link. Token and
 * password stay in memory.
 */
import { findLanguage, type Language } from '../../../domain/mail/language.ts';
import { accountInput, type FormState, type PageState, passwordInput, render } from './page.ts';
import { type ConfirmOutcome, confirmEmail } from './api-client.ts';
import { byId } from '../elements.ts';
import { openLanguageMenu } from '../language-menu.ts';
import { findBranding } from '../api-client.ts';
import { renderBranding } from '../branding.ts';
import { openPage, parseTokenSubject, readLink, toUuid } from '../link.ts';
import { linkInput, onPaste } from '../paste-form.ts';

let { token, language: chosenLanguage } = readLink();
let language: Language = chosenLanguage ?? findLanguage(navigator.languages) ?? 'en';
let state: PageState | undefined;

const show = (next: PageState): void => {
  const isOther = next.name !== state?.name;
  state = next;
  render(state, language);
  if (isOther) focusStart(next);
};

/**
 * Focuses the first field, else the heading. Screen readers announce the heading as the name of a
 * form.
 */
const focusStart = (next: PageState): void => {
  if (next.name === 'sign-in') return accountInput.focus();
  if (next.name === 'problem' && next.problem === 'missing') return linkInput.focus();
  byId('heading').focus();
};

const update = (changes: Partial<FormState>): void => {
  if (state?.name === 'sign-in') show({ ...state, ...changes });
};

const open = async (): Promise<void> => {
  if (token === '') return show({ name: 'problem', problem: 'missing' });
  const subject = parseTokenSubject(token);
  if (!subject) return show({ name: 'problem', problem: 'invalid' });
  renderBranding(await findBranding(toUuid(subject.tenantId)));
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
  show(outcome.name === 'confirmed' ? { name: 'done' } : toProblemState(outcome));
};

const toProblemState = ({
  problem,
  requestLink,
}: Extract<ConfirmOutcome, { name: 'link' }>): PageState => ({
  name: 'problem',
  problem,
  requestLink: problem === 'expired' || problem === 'used' ? requestLink : undefined,
});

const requestLink = async (): Promise<void> => {
  if (state?.name !== 'problem' || !state.requestLink || state.isSending) return;
  const current = { ...state, trouble: undefined };
  show({ ...current, isSending: true });
  const outcome = await state.requestLink();
  if (outcome.name === 'attempt') return show({ ...current, trouble: outcome });
  show(outcome.name === 'link' ? { name: 'problem', problem: outcome.problem } : outcome);
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  // Only a person uses a link: mail scanners that run scripts and press buttons have no user
  // activation.
  if (navigator.userActivation?.hasBeenActive ?? true) void submit();
});
onPaste(
  () => 'confirmation',
  (link) => {
    if (!link) return show({ name: 'problem', problem: 'missing', isLinkRefused: true });
    if (link.purpose !== 'confirmation') return openPage(link);
    ({ token } = link);
    language = chosenLanguage ??= link.language ?? language;
    void open();
  },
);
byId('reveal').addEventListener(
  'click',
  () => state?.name === 'sign-in' && update({ isRevealed: !state.isRevealed }),
);
byId('request-link').addEventListener('click', () => void requestLink());
openLanguageMenu((chosen) => {
  chosenLanguage = language = chosen;
  if (state) show(state);
});
// Another link opened in the same tab changes only the fragment, which loads nothing.
addEventListener('hashchange', () => location.reload());

void open();
