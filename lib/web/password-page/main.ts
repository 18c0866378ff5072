/** The page on which an invited person chooses a password, or somebody who has forgotten theirs. The token stays here, in memory alone. */
import { byId } from './elements.ts';
import { type Locale, type Purpose, spokenOf } from './languages.ts';
import { findLink } from './find-link.ts';
import { openPage, takeLink } from './link.ts';
import { type Choosing, linkInput, passes, passwordInput, render, type View } from './page.ts';
import { prepare, reasonAgainst } from './check-password.ts';
import { inspect, use } from './api-client.ts';

let link = takeLink();
let purpose: Purpose = location.pathname.endsWith('/reset') ? 'reset' : 'invitation';
let chosenLocale = link.locale;
let locale: Locale = chosenLocale ?? spokenOf(navigator.languages) ?? 'en';
let view: View = { name: 'checking' };

const show = (next: View): void => {
  const isAnother = next.name !== view.name;
  view = next;
  render(view, locale, purpose);
  // Tells those who do not see it that the page says something else now.
  if (isAnother) byId('heading').focus();
};

/** Shows the form with these changes, as long as it is there. */
const update = (changes: Partial<Choosing>): void => {
  if (view.name === 'choosing') show({ ...view, ...changes });
};

const open = async (): Promise<void> => {
  if (link.token === '') return show({ name: 'problem', problem: 'missing' });
  show({ name: 'checking' });
  const outcome = await inspect(purpose, link.token);
  if (!('answer' in outcome))
    return show({
      name: 'problem',
      problem: 'problem' in outcome ? outcome.problem : 'unavailable',
    });
  locale = chosenLocale ?? spokenOf([outcome.answer.locale]) ?? locale;
  show({ name: 'choosing', invitation: outcome.answer, isRevealed: false, isSending: false });
};

const judge = async (): Promise<void> => {
  if (view.name !== 'choosing') return;
  const password = passwordInput.value;
  const reason = await reasonAgainst(password, view.invitation.password);
  const isStillThere = password === passwordInput.value;
  if (isStillThere) update({ verdict: password === '' ? undefined : { reason, insists: false } });
};

const send = async (): Promise<void> => {
  if (view.name !== 'choosing' || view.isSending) return;
  const { invitation } = view;
  const password = passwordInput.value;
  update({ isSending: true, trouble: undefined });
  const reason = await reasonAgainst(password, invitation.password);
  if (reason === undefined) update({ isRevealed: false });
  const outcome =
    reason === undefined ? await use(purpose, link.token, password) : { rejected: reason };
  update({ isSending: false });
  if ('answer' in outcome) {
    passwordInput.value = '';
    show({ name: 'done', invitation, accepted: outcome.answer });
  } else if ('rejected' in outcome) {
    update({ verdict: { reason: outcome.rejected, insists: true } });
    passwordInput.focus();
  } else if (passes.includes(outcome.problem)) {
    update({ trouble: outcome.problem });
  } else {
    show({ name: 'problem', problem: outcome.problem });
  }
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  // Only a person uses a link up: a program that tries out what the scripts of a page do has touched nothing.
  if (navigator.userActivation?.hasBeenActive ?? true) void send();
});
byId('paste').addEventListener('submit', (event) => {
  event.preventDefault();
  const pasted = findLink(linkInput.value, purpose);
  if (!pasted) return show({ name: 'problem', problem: 'missing', isLinkRefused: true });
  linkInput.value = '';
  if (pasted.purpose === 'confirmation') return openPage(pasted);
  purpose = pasted.purpose;
  link = pasted;
  locale = chosenLocale ??= pasted.locale ?? locale;
  void open();
});
passwordInput.addEventListener('input', () => void prepare(), { once: true });
passwordInput.addEventListener('input', () => void judge());
byId('reveal').addEventListener(
  'click',
  () => view.name === 'choosing' && update({ isRevealed: !view.isRevealed }),
);
byId('again').addEventListener('click', () => void open());
byId('language').addEventListener('click', () => {
  chosenLocale = locale = locale === 'en' ? 'de' : 'en';
  show(view);
});
// Another link, opened in the same tab: the page does not load again by itself for what stands behind the `#`.
addEventListener('hashchange', () => location.reload());

void open();
