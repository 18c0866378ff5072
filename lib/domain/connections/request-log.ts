import type { Uuid } from '../kernel/ids.ts';

/** Collects the facts about one SCIM request, which the log of the connection shows. */
export interface RequestLog {
  /** Adds a departure from the RFC that was understood, such as `text-boolean`. */
  quirk(name: string): void;
  /** Adds a part of the request that had no effect, and why. */
  skip(reason: string, subject?: { readonly name?: string; readonly id?: string }): void;
  /** Adds the names of changed attributes. */
  changed(names: readonly string[]): void;
  /** Sets the user or group that the request was about. */
  subject(subject: { readonly userId: Uuid } | { readonly groupId: Uuid }): void;
}
