import type { User } from './user.ts';

/** Whether it is somebody whose password is kept here, and who may use it. Who was only invited has none yet. */
export const isActiveLocalUser = (user: User | undefined): user is User =>
  user?.status === 'active' && user.authProvider === 'local';
