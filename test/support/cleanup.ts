const resources: (() => unknown)[] = [];

/**
 * Closes a resource at the end of the current test file. Support modules are loaded once per
 * worker, so an `afterAll` of theirs would run after the first file only.
 */
export const closeAfterFile = (close: () => unknown): void => void resources.push(close);

/** Closes the resources of a test file, the newest first. */
export async function closeResources(): Promise<void> {
  for (const close of resources.splice(0).toReversed()) await close();
}
