import { invalidInput } from '../kernel/failure.ts';

/**
 * Throws `invalid_input` for a password minimum below that of the deployment, which would have no
 * effect.
 */
export function assertPasswordMinLength(
  passwordMinLength: number | null | undefined,
  { minimumPasswordLength }: { readonly minimumPasswordLength: number },
): void {
  if (passwordMinLength != null && passwordMinLength < minimumPasswordLength)
    throw invalidInput({
      path: 'passwordMinLength',
      message: `must be at least ${minimumPasswordLength}, the minimum of the deployment`,
    });
}
