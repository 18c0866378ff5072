import { byId, getInput, write } from './elements.ts';
import { findLink, type Link, type LinkPurpose } from './find-link.ts';
import type { PageMessages } from './messages/page-messages.ts';

export const linkInput = getInput('link');

/** Form for a link whose fragment was lost. */
interface PasteForm {
  readonly isVisible: boolean;
  /** True after the user pasted text without a link. */
  readonly isLinkRefused: boolean;
  readonly help: string;
}

export function renderPasteForm(
  { isVisible, isLinkRefused, help }: PasteForm,
  texts: PageMessages,
): void {
  byId('paste').hidden = !isVisible;
  write('link-label', texts.pasteLink);
  write('link-trouble', isLinkRefused ? texts.invalidLink : '');
  linkInput.ariaInvalid = String(isLinkRefused);
  write('open', texts.openLink);
  write('help', help);
}

/**
 * Reports a pasted link, or undefined for text without one. `getPurpose` names the purpose of a
 * bare token.
 */
export function onPaste(
  getPurpose: () => LinkPurpose,
  use: (link: Link | undefined) => void,
): void {
  byId('paste').addEventListener('submit', (event) => {
    event.preventDefault();
    const link = findLink(linkInput.value, getPurpose());
    if (link) linkInput.value = '';
    use(link);
    if (!link) linkInput.focus();
  });
}
