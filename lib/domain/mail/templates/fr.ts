import type { MailMessages } from './mail-messages.ts';

export const fr: MailMessages = {
  greeting: (name) => (name === undefined ? 'Bonjour,' : `Bonjour ${name},`),
  expiry: (date) =>
    `Ce lien expire le ${date} et ne peut être utilisé qu’une seule fois. Merci de ne pas le partager.`,
  hourExpiry: (date) =>
    `Ce lien est valable une heure, jusqu’au ${date}, et ne peut être utilisé qu’une seule fois. Merci de ne pas le partager.`,
  dayExpiry: (date) =>
    `Ce lien est valable 24 heures, jusqu’au ${date}, et ne peut être utilisé qu’une seule fois. Merci de ne pas le partager.`,
  invitation: {
    subject: (tenant) => `Votre invitation à rejoindre ${tenant}`,
    request: ({ tenant, email }) =>
      `${tenant} a créé un compte pour ${email}. Pour l’utiliser, choisissez un mot de passe\u00a0:`,
    action: 'Activer votre compte',
    ignore: 'Si vous n’attendiez pas cet e-mail, vous pouvez l’ignorer.',
  },
  reset: {
    subject: (tenant) => `Réinitialisez votre mot de passe pour ${tenant}`,
    request: ({ tenant, email }) =>
      `Nous avons reçu une demande de réinitialisation du mot de passe de votre compte ${tenant} (${email}). Choisissez-en un nouveau\u00a0:`,
    action: 'Choisir un nouveau mot de passe',
    ignore:
      'Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet e-mail. Votre mot de passe ne changera pas.',
  },
  confirmation: {
    email: {
      subject: (tenant) => `Confirmez votre adresse e-mail pour ${tenant}`,
      request: ({ tenant, email }) =>
        `Veuillez confirmer que ${email} est bien l’adresse e-mail de votre compte ${tenant}. Ouvrez cette page et connectez-vous\u00a0:`,
      action: 'Confirmer l’adresse e-mail',
      ignore: 'Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet e-mail.',
    },
    identity: {
      subject: (tenant) => `Confirmez votre service de connexion pour ${tenant}`,
      request: ({ tenant, email }) =>
        `Veuillez confirmer le service de connexion associé à votre compte ${tenant} (${email}). Ouvrez cette page dans le navigateur où votre session auprès de ce service est ouverte\u00a0:`,
      action: 'Confirmer le service de connexion',
      ignore: 'Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet e-mail.',
    },
  },
  verification: {
    current: {
      subject: (tenant) => `Vérifiez votre adresse e-mail pour ${tenant}`,
      request: ({ tenant, email }) =>
        `Veuillez vérifier que ${email} est bien l’adresse e-mail de votre compte ${tenant}\u00a0:`,
      action: 'Vérifier l’adresse e-mail',
      ignore: 'Si vous n’avez pas ce compte, vous pouvez ignorer cet e-mail.',
    },
    new: {
      subject: (tenant) => `Vérifiez votre nouvelle adresse e-mail pour ${tenant}`,
      request: ({ tenant, email }) =>
        `Nous avons reçu une demande de remplacement de l’adresse e-mail de votre compte ${tenant} par ${email}. Pour la remplacer, vérifiez la nouvelle adresse\u00a0:`,
      action: 'Vérifier la nouvelle adresse e-mail',
      ignore:
        'Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet e-mail. Rien ne changera.',
    },
  },
  accessRequest: {
    subject: (tenant) => `Demande d’accès à ${tenant}`,
    request: ({ tenant, email }, level, date) =>
      `${email} a demandé l’autorisation «\u00a0${level}\u00a0» pour ${tenant} le ${date}.`,
    message: 'Voici son message. Nous ne l’avons pas vérifié\u00a0:',
    decide:
      'Vous recevez cet e-mail parce que vous êtes propriétaire de l’organisation. Acceptez ou refusez la demande dans les autorisations de l’organisation.',
  },
  webhook: {
    failing: {
      subject: (tenant) => `Un webhook de ${tenant} échoue`,
      text: ({ tenant, host, since }) =>
        `Le webhook de ${tenant} sur ${host} n’a accepté aucun événement depuis le ${since}. Il sera désactivé si aucun envoi ne réussit pendant cinq jours.`,
    },
    disabled: {
      subject: (tenant) => `Un webhook de ${tenant} a été désactivé`,
      text: ({ tenant, host, since }) =>
        `Le webhook de ${tenant} sur ${host} a été désactivé. Il n’a accepté aucun événement depuis le ${since}.`,
    },
    check:
      'Vous recevez cet e-mail parce que vous êtes propriétaire de l’organisation. Dès que le serveur fonctionne et que le webhook est activé, il reçoit les événements manqués.',
  },
  creation: {
    subject: (tenant) => `Votre compte ${tenant} a été créé`,
    created: ({ tenant, email }, date) =>
      `Un compte ${tenant} a été créé pour ${email} le ${date}.`,
    chooseOwnPassword:
      'La personne qui l’a créé a aussi choisi son mot de passe. Pour choisir le vôtre, réinitialisez votre mot de passe depuis la page de connexion.',
    unexpected: 'Si vous n’attendiez pas ce compte, contactez votre administrateur.',
  },
  change: {
    password: {
      subject: (tenant) => `Votre mot de passe pour ${tenant} a été modifié`,
      changed: ({ tenant, email }, date) =>
        `Le mot de passe de votre compte ${tenant} (${email}) a été modifié le ${date}.`,
    },
    email: {
      subject: (tenant) => `Votre adresse e-mail pour ${tenant} a été modifiée`,
      changed: ({ tenant, email }, date) =>
        `L’adresse e-mail de votre compte ${tenant} a été modifiée le ${date}. L’adresse ${email} n’est plus utilisée.`,
    },
    identity: {
      subject: (tenant) => `Le service de connexion de votre compte ${tenant} a été modifié`,
      changed: ({ tenant, email }, date) =>
        `Le service de connexion de votre compte ${tenant} (${email}) a été modifié le ${date}.`,
    },
    permissions: {
      subject: (tenant) => `Vos autorisations pour ${tenant} ont été modifiées`,
      changed: ({ tenant, email }, date) =>
        `Les autorisations de votre compte ${tenant} (${email}) ont été modifiées le ${date}.`,
    },
  },
  details: {
    account: 'nouveau compte',
    password: 'mot de passe',
    email: 'adresse e-mail',
    identity: 'service de connexion',
    permissions: 'autorisations',
  },
  changes: {
    subject: (tenant, details) => `Modifications de votre compte ${tenant}\u00a0: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `Votre compte ${tenant} (${email}) a été modifié le ${date}\u00a0: ${details}.`,
    line: (date, details) => `${date}\u00a0: ${details}`,
    list: ({ tenant, email }) => `Votre compte ${tenant} (${email}) a été modifié\u00a0:`,
  },
  linkedIdentity: (service) => `Votre compte est désormais associé à ${service}.`,
  unlinkedIdentity: 'Votre compte n’est plus associé à un autre service.',
  linkedUnknownIdentity:
    'Votre compte est désormais associé à un service que nous ne connaissons pas.',
  inactivePermissions:
    'Certaines de vos autorisations sont inactives, car une autre personne a défini votre mot de passe. Pour les activer, réinitialisez votre mot de passe par e-mail depuis la page de connexion.',
  expected: 'Si cela vient de vous ou si vous vous y attendiez, vous n’avez rien à faire.',
  unexpected:
    'Sinon, réinitialisez immédiatement votre mot de passe et contactez votre administrateur.',
  unexpectedWithoutReset: 'Sinon, contactez immédiatement votre administrateur.',
  signInAt: 'Accédez à votre compte ici\u00a0:',
};
