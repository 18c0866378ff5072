import { dictionary } from '@zxcvbn-ts/language-common';

/**
 * The passwords that attackers try first, lower-case, from zxcvbn's list. A module of its own because it is large: it is
 * loaded with the first password and stays out of every function's main bundle.
 */
export const commonPasswords: ReadonlySet<string> = new Set(dictionary['passwords-common']);
