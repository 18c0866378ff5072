/** Returns an element of the page. */
export const byId = (id: string): HTMLElement => document.getElementById(id)!;

/** Returns an input of the page. */
export const getInput = (id: string): HTMLInputElement =>
  document.querySelector<HTMLInputElement>(`#${id}`)!;

/**
 * Sets the text of an element. Equal text is not written again, because screen readers announce a
 * live region at every write.
 */
export const write = (id: string, text = ''): void => {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
};
