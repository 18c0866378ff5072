import type { Purpose } from './languages.ts';
import type { Problem } from './messages/page-messages.ts';
import type { LinkDetails, Redeemed, RequestProblem } from './api-client.ts';

/** State of the page. */
export type PageState =
  | { readonly name: 'checking' }
  | FormState
  | DoneState
  | ProblemState
  | RequestState
  | RequestedState;

/** Problem that stops the page. */
interface ProblemState {
  readonly name: 'problem';
  readonly problem: Problem;
  /** True after the user pasted text without a link. */
  readonly isLinkRefused?: boolean;
}

/** Form that sets the password. */
export interface FormState {
  readonly name: 'choosing';
  readonly link: LinkDetails;
  readonly isRevealed: boolean;
  readonly isSending: boolean;
  /**
   * Undefined until the user types. `reason` is undefined for an acceptable password, `isSubmitted`
   * is true after an attempt.
   */
  readonly verdict?:
    | { readonly reason: string | undefined; readonly isSubmitted: boolean }
    | undefined;
  /** Problem of an attempt that can be repeated. */
  readonly trouble?: Problem | undefined;
}

export interface DoneState {
  readonly name: 'done';
  readonly link: LinkDetails;
  readonly redeemed: Redeemed;
}

/** Form that requests a link. */
export interface RequestState {
  readonly name: 'request';
  /** Link that the user expects. */
  readonly purpose: Purpose;
  readonly isSending: boolean;
  /** True if neither the link nor the host names the tenant. */
  readonly needsOrganization: boolean;
  readonly problem?: RequestProblem | undefined;
}

/** Confirmation of a request. */
export interface RequestedState {
  readonly name: 'requested';
  readonly purpose: Purpose;
  /** Email, or username, of the request. */
  readonly email: string;
}
