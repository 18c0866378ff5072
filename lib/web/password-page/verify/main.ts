/** Page on which a user verifies an email by a mailed link. The token stays in memory. */
import { findLanguage, type Language } from '../../../domain/mail/language.ts';
import { findBranding } from '../api-client.ts';
import { renderBranding } from '../branding.ts';
import { byId } from '../elements.ts';
import { openLanguageMenu } from '../language-menu.ts';
import { openPage, parseTokenSubject, readLink, toUuid } from '../link.ts';
import { linkInput, onPaste } from '../paste-form.ts';
import { inspectLink, useLink } from './api-client.ts';
import { type PageState, render, retryableProblems } from './page.ts';

let { token, language: chosenLanguage } = readLink();
let language: Language = chosenLanguage ?? findLanguage(navigator.languages) ?? 'en';
let state: PageState = { name: 'checking' };

const show = (next: PageState): void => {
  const isOther = next.name !== state.name;
  state = next;
  render(state, language);
  if (isOther) focusStart();
};

/** Focuses the first field, else the heading, so a screen reader announces what to confirm. */
const focusStart = (): void => {
  if (state.name === 'problem' && state.problem === 'missing') return linkInput.focus();
  byId('heading').focus();
};

const open = async (): Promise<void> => {
  if (token === '') return show({ name: 'problem', problem: 'missing' });
  const subject = parseTokenSubject(token);
  if (!subject) return show({ name: 'problem', problem: 'invalid' });
  show({ name: 'checking' });
  const outcome = await inspectLink(token);
  if ('problem' in outcome) {
    show({ name: 'problem', problem: outcome.problem });
    return renderBranding(await findBranding(toUuid(subject.tenantId)));
  }
  renderBranding(outcome.result.branding);
  language = chosenLanguage ?? findLanguage([outcome.result.locale]) ?? language;
  show({ name: 'verify', link: outcome.result, isSending: false });
};

const submit = async (): Promise<void> => {
  if (state.name !== 'verify' || state.isSending) return;
  const { link } = state;
  show({ name: 'verify', link, isSending: true });
  const outcome = await useLink(token);
  if ('result' in outcome) return show({ name: 'done', link, verified: outcome.result });
  const { problem } = outcome;
  show(
    retryableProblems.includes(problem)
      ? { name: 'verify', link, isSending: false, trouble: problem }
      : { name: 'problem', problem },
  );
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  // Only a person uses a link: mail scanners that run scripts and press buttons have no user
  // activation.
  if (navigator.userActivation?.hasBeenActive ?? true) void submit();
});
onPaste(
  () => 'verification',
  (link) => {
    if (!link) return show({ name: 'problem', problem: 'missing', isLinkRefused: true });
    if (link.purpose !== 'verification') return openPage(link);
    ({ token } = link);
    language = chosenLanguage ??= link.language ?? language;
    void open();
  },
);
byId('again').addEventListener('click', () => void open());
openLanguageMenu((chosen) => {
  chosenLanguage = language = chosen;
  show(state);
});
// Another link opened in the same tab changes only the fragment, which loads nothing.
addEventListener('hashchange', () => location.reload());

void open();
