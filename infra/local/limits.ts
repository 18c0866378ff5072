/** Limits of `npm start`, by the variables that set others. Nothing here takes anything from others unless a variable says so. */
export const localLimits: Readonly<Record<string, string>> = {
  PASSWORD_MIN_LENGTH: '15',
  INVITATION_DAYS: '7',
  RESTORE_DAYS: '30',
  MAILS_PER_TENANT_HOUR: '500',
  MAILS_PER_RECIPIENT_DAY: '5',
  TENANT_REQUESTS_PER_SECOND: '1000000',
  TENANT_UNITS_PER_SECOND: '1000000',
  PRINCIPAL_SHARE: '1',
};

export const readLimits = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(localLimits).map(([name, value]) => [name, environment[name] || value]));
