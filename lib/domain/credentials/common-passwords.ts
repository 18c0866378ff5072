import { dictionary } from '@zxcvbn-ts/language-common';

/**
 * Common passwords in lower case, from zxcvbn. A separate module, because it is large: it is loaded
 * with the first password and is not in the main bundle of a function.
 */
export const commonPasswords: ReadonlySet<string> = new Set(dictionary['passwords-common']);
