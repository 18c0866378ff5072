import { getDomain } from 'tldts';
import type { DomainName } from '../kernel/canonical.ts';

/**
 * Large email providers. Their users cannot publish the DNS record, so the list only serves a clear
 * error.
 */
const emailProviders: ReadonlySet<DomainName> = new Set([
  '126.com',
  '163.com',
  'aol.com',
  'duck.com',
  'fastmail.com',
  'free.fr',
  'gmail.com',
  'gmx.at',
  'gmx.ch',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hey.com',
  'hotmail.co.uk',
  'hotmail.com',
  'hotmail.fr',
  'icloud.com',
  'laposte.net',
  'libero.it',
  'live.com',
  'mac.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'naver.com',
  'orange.fr',
  'outlook.com',
  'outlook.de',
  'pm.me',
  'posteo.de',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'rediffmail.com',
  't-online.de',
  'tutanota.com',
  'web.de',
  'yahoo.co.jp',
  'yahoo.co.uk',
  'yahoo.com',
  'yahoo.de',
  'yahoo.fr',
  'yandex.com',
  'yandex.ru',
  'ymail.com',
  'zoho.com',
]);

/**
 * Finds the reason why no tenant can own a domain: customers register names below a public suffix
 * (publicsuffix.org), and users of an email provider belong to many tenants.
 */
export function findPublicUse(name: DomainName): 'public_suffix' | 'email_provider' | undefined {
  if (emailProviders.has(name)) return 'email_provider';
  const options = { allowPrivateDomains: true, validateHostname: false };
  return getDomain(name, options) === null ? 'public_suffix' : undefined;
}
