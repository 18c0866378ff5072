/** The forms of email addresses, by the API that defines them. Each is linear. */
export const emailPatterns = {
  /**
   * Addresses as mail systems take them unquoted (RFC 5321 dot-atom, RFC 6531 letters): one `@`, no control, space, bidi or
   * zero-width character, a domain of at least two labels.
   */
  international:
    /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)$/iu,
  /** The same language as Cradl's published pattern, which takes exponential time. */
  cradl: /^[A-Za-z0-9][-+._A-Za-z0-9]*@[-_.A-Za-z0-9]+\.[A-Za-z]{2,}$/,
  /** The pattern of Credible's own paths without `%`, so a path can name every user that it creates. */
  credible: /^[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/,
} as const satisfies Readonly<Record<string, RegExp>>;
