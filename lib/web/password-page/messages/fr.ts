import type { PageMessages } from './page-messages.ts';

export const fr: PageMessages = {
  languageName: 'Français',
  language: 'Langue',
  wait: 'Un instant…',
  greeting: (name) => `Bonjour ${name},`,
  identity: (issuer) =>
    `Vous pouvez aussi vous connecter à ce compte avec ${issuer}. Si vous n’utilisez pas ce service, demandez à votre administrateur de le retirer.`,
  passwordLabel: 'Mot de passe',
  show: 'Afficher',
  hide: 'Masquer',
  showPassword: 'Afficher le mot de passe',
  hidePassword: 'Masquer le mot de passe',
  tryAgain: 'Réessayer',
  close: 'Vous pouvez fermer cette page.',
  pasteLink: 'Lien reçu par e-mail',
  openLink: 'Ouvrir le lien',
  invalidLink:
    'Ce lien est incomplet. Dans l’e-mail, faites un clic droit sur le bouton, ou appuyez longuement dessus, puis copiez le lien.',
  password: {
    email: 'Adresse e-mail',
    hint: (minimumLength) =>
      `Utilisez au moins ${minimumLength} caractères. Quelques mots sans rapport entre eux sont faciles à retenir.`,
    reasons: {
      too_short: (minimumLength) => `Utilisez au moins ${minimumLength} caractères.`,
      too_long: () => 'Utilisez au plus 1024 caractères.',
      pattern: () => 'Ce mot de passe est facile à deviner. Évitez les répétitions et les suites.',
      contains_known_word: () =>
        'N’utilisez ni votre adresse e-mail, ni votre nom d’utilisateur, ni le nom de votre organisation.',
      commonly_used: () => 'Ce mot de passe est trop courant. Choisissez-en un autre.',
      is_hash: () => 'Ceci est l’empreinte d’un mot de passe. Choisissez plutôt un mot de passe.',
      other: () => 'Vous ne pouvez pas utiliser ce mot de passe. Choisissez-en un autre.',
    },
    acceptable: 'Mot de passe valide.',
    submit: 'Définir le mot de passe',
    signIn: (tenant, email) => `Vous pouvez maintenant vous connecter à ${tenant} avec ${email}.`,
    refusedRoles: (roles) =>
      `Vous n’avez pas reçu ces rôles\u00a0: ${roles}. Adressez-vous à la personne qui vous a envoyé l’invitation.`,
    continueTo: (tenant) => `Continuer vers ${tenant}`,
  },
  invitation: {
    welcome: (tenant) => `Bienvenue chez ${tenant}`,
    choose: 'Choisissez un mot de passe pour activer votre compte.',
    validUntil: (time) => `Cette invitation expire le ${time}.`,
    done: 'Votre compte est prêt',
    help: 'Si cela ne fonctionne pas, demandez une nouvelle invitation à la personne qui vous a envoyé celle-ci.',
    problems: {
      missing: {
        heading: 'Ouvrez à nouveau votre invitation',
        advice:
          'Le lien est incomplet. Ouvrez-le à nouveau dans l’e-mail. Si cette page s’affiche encore, copiez le lien de l’e-mail et collez-le ci-dessous.',
      },
      invalid: {
        heading: 'Ce lien n’est pas valide',
        advice:
          'Il en manque peut-être une partie. Ouvrez à nouveau le lien dans l’e-mail, ou demandez une nouvelle invitation à la personne qui vous a envoyé celle-ci.',
      },
      expired: {
        heading: 'Cette invitation a expiré',
        advice:
          'Demandez une nouvelle invitation à la personne qui vous a envoyé celle-ci ou à un administrateur.',
      },
      used: {
        heading: 'Cette invitation a déjà été utilisée',
        advice:
          'Si vous avez défini votre mot de passe, vous pouvez vous connecter. Si vous l’avez oublié, réinitialisez-le. Si ce n’était pas vous, prévenez immédiatement la personne qui vous a envoyé l’invitation.',
      },
      revoked: {
        heading: 'Cette invitation a été annulée',
        advice:
          'Si vous avez toujours besoin d’un compte, adressez-vous à la personne qui vous a envoyé l’invitation.',
      },
      superseded: {
        heading: 'Il existe une invitation plus récente',
        advice:
          'Seul le lien du dernier e-mail fonctionne. Ouvrez-le, ou demandez à le recevoir à nouveau.',
      },
      suspended: {
        heading: 'Indisponible pour le moment',
        advice:
          'L’organisation qui vous a envoyé l’invitation ne peut pas ajouter d’utilisateurs pour le moment. Réessayez plus tard, ou adressez-vous à la personne qui vous a envoyé l’invitation.',
      },
      tooManyRequests: {
        heading: 'Veuillez patienter un instant',
        advice: 'Il y a eu trop de demandes. Réessayez dans une minute.',
      },
      offline: {
        heading: 'Pas de connexion',
        advice: 'Le service est injoignable. Vérifiez votre connexion Internet, puis réessayez.',
      },
      unavailable: {
        heading: 'Une erreur s’est produite',
        advice: 'Le problème vient de notre côté. Réessayez dans un instant.',
      },
    },
  },
  reset: {
    welcome: (tenant) => `Réinitialisez votre mot de passe pour ${tenant}`,
    choose: 'Choisissez un nouveau mot de passe. Il remplacera l’ancien.',
    validUntil: (time) => `Ce lien expire le ${time}.`,
    done: 'Votre nouveau mot de passe est défini',
    help: 'Si cela ne fonctionne pas, demandez un nouveau lien.',
    problems: {
      missing: {
        heading: 'Collez le lien reçu par e-mail',
        advice:
          'Pour copier le lien, faites un clic droit sur le bouton dans l’e-mail, ou appuyez longuement dessus.',
      },
      invalid: {
        heading: 'Ce lien n’est pas valide',
        advice:
          'Il en manque peut-être une partie, ou il existe un lien plus récent. Ouvrez le lien du dernier e-mail, ou demandez-en un nouveau.',
      },
      expired: {
        heading: 'Ce lien a expiré',
        advice:
          'Les liens sont valables une heure. Demandez-en un nouveau pour réinitialiser votre mot de passe.',
      },
      used: {
        heading: 'Ce lien ne fonctionne plus',
        advice:
          'Si vous avez défini votre nouveau mot de passe, vous pouvez vous connecter. Sinon, demandez un nouveau lien.',
      },
      suspended: {
        heading: 'Indisponible pour le moment',
        advice:
          'Vous ne pouvez pas vous connecter à cette organisation pour le moment. Réessayez plus tard.',
      },
    },
  },
  request: {
    reset: {
      heading: 'Réinitialisez votre mot de passe',
      advice:
        'Saisissez votre adresse e-mail ou votre nom d’utilisateur. Nous vous enverrons par e-mail un lien pour choisir un nouveau mot de passe.',
    },
    invitation: {
      heading: 'Recevoir à nouveau le lien',
      advice:
        'Saisissez l’adresse e-mail qui a été invitée. Si l’invitation est encore valable, nous vous enverrons à nouveau le lien.',
    },
    email: 'Adresse e-mail',
    account: 'Adresse e-mail ou nom d’utilisateur',
    organization: 'Organisation',
    organizationHint:
      'Le nom court de votre organisation, par exemple acme. Si vous ne le connaissez pas, demandez-le à votre administrateur.',
    submit: 'Envoyer le lien',
    invalidEmail: 'Saisissez une adresse e-mail valide.',
    missingAccount: 'Saisissez votre adresse e-mail ou votre nom d’utilisateur.',
    missingOrganization: 'Saisissez le nom court de votre organisation.',
    sent: 'Consultez vos e-mails',
    sentAdvice: (email) =>
      `Si un compte existe pour ${email}, vous recevrez un lien d’ici quelques minutes. Si vous ne recevez rien, vérifiez vos courriers indésirables ou contactez votre administrateur.`,
    otherEmail: 'Utiliser une autre adresse e-mail',
    newLink: 'Demander un nouveau lien',
    resetPassword: 'Réinitialiser le mot de passe',
    sendAgain: 'Recevoir à nouveau le lien',
    haveLink: 'J’ai déjà un lien',
  },
  confirmation: {
    heading: 'Confirmez votre adresse e-mail',
    advice: 'Pour confirmer votre adresse e-mail, connectez-vous à votre compte.',
    account: 'Adresse e-mail ou nom d’utilisateur',
    submit: 'Se connecter et confirmer',
    attemptProblems: {
      incomplete:
        'Saisissez votre adresse e-mail ou votre nom d’utilisateur, ainsi que votre mot de passe.',
      wrongPassword: 'L’adresse e-mail, le nom d’utilisateur ou le mot de passe est incorrect.',
      otherAccount:
        'Ce lien concerne un autre compte. Connectez-vous avec le compte auquel l’e-mail a été envoyé.',
      tooManyRequests: 'Il y a eu trop de tentatives.',
      offline: 'Le service est injoignable. Vérifiez votre connexion Internet, puis réessayez.',
      unavailable: 'Une erreur s’est produite de notre côté. Réessayez dans un instant.',
    },
    retryAfter: (time) => `Réessayez dans ${time}.`,
    linkProblems: {
      missing: {
        heading: 'Ouvrez à nouveau le lien',
        advice:
          'Le lien est incomplet. Ouvrez-le à nouveau dans l’e-mail. Si cette page s’affiche encore, copiez le lien de l’e-mail et collez-le ci-dessous.',
      },
      invalid: {
        heading: 'Ce lien n’est pas valide',
        advice: 'Il en manque peut-être une partie. Ouvrez à nouveau le lien dans l’e-mail.',
      },
      expired: {
        heading: 'Ce lien a expiré',
        advice:
          'Les liens sont valables une heure. Demandez-en un nouveau pour confirmer votre adresse e-mail.',
      },
      used: {
        heading: 'Ce lien ne fonctionne plus',
        advice:
          'Votre adresse e-mail est peut-être déjà confirmée, ou il existe un lien plus récent. Ouvrez le lien du dernier e-mail, ou demandez-en un nouveau.',
      },
      limitedPassword: {
        heading: 'Choisissez d’abord votre propre mot de passe',
        advice:
          'Une autre personne a défini votre mot de passe. Il ne permet donc pas de confirmer votre adresse e-mail. Réinitialisez votre mot de passe par e-mail, puis demandez un nouveau lien de confirmation. Si cela ne suffit pas, demandez à votre administrateur d’approuver votre adresse e-mail.',
      },
      identity: {
        heading: 'Cette page ne peut pas confirmer votre service de connexion',
        advice:
          'Ce lien confirme le service de connexion associé à votre compte. Un mot de passe ne suffit pas. Demandez à votre administrateur d’approuver ce service.',
      },
      suspended: {
        heading: 'Indisponible pour le moment',
        advice:
          'Vous ne pouvez pas confirmer votre adresse e-mail, car l’accès à votre compte ou à votre organisation est suspendu. Contactez votre administrateur.',
      },
    },
    help: 'Si cela ne fonctionne pas, demandez un nouveau lien là où vous avez demandé celui-ci, ou contactez votre administrateur.',
    done: 'Votre adresse e-mail est confirmée',
    sendAgain: 'Envoyer un nouveau lien',
    sent: {
      heading: 'Consultez vos e-mails',
      advice: 'Nous avons envoyé un nouveau lien à votre adresse e-mail. Il est valable une heure.',
    },
    notNeeded: {
      heading: 'Aucune confirmation nécessaire',
      advice:
        'Vous n’avez pas besoin de confirmer votre adresse e-mail. Vous pouvez fermer cette page.',
    },
  },
  verification: {
    heading: 'Vérifiez votre adresse e-mail',
    advice: (tenant, email) =>
      `Confirmez que ${email} est bien l’adresse e-mail de votre compte ${tenant}.`,
    submit: 'Oui, c’est mon adresse e-mail',
    done: 'Votre adresse e-mail est vérifiée',
    doneAdvice: (tenant, email) => `Votre compte ${tenant} utilise l’adresse e-mail ${email}.`,
    problems: {
      missing: {
        heading: 'Ouvrez à nouveau le lien',
        advice:
          'Le lien est incomplet. Ouvrez-le à nouveau depuis l’e-mail. Si cette page s’affiche encore, copiez le lien depuis l’e-mail et collez-le ci-dessous.',
      },
      invalid: {
        heading: 'Ce lien n’est pas valide',
        advice:
          'Il est peut-être incomplet, un lien plus récent existe ou votre compte a changé. Ouvrez le lien du dernier e-mail, ou demandez-en un nouveau là où vous avez demandé celui-ci.',
      },
      expired: {
        heading: 'Ce lien a expiré',
        advice:
          'Les liens sont valables 24 heures. Demandez-en un nouveau là où vous avez demandé celui-ci.',
      },
      used: {
        heading: 'Ce lien a déjà été utilisé',
        advice: 'Votre adresse e-mail est vérifiée. Vous pouvez fermer cette page.',
      },
      taken: {
        heading: 'Cette adresse e-mail est déjà utilisée',
        advice:
          'Un autre compte utilise cette adresse e-mail. Votre compte conserve son adresse actuelle.',
      },
      suspended: {
        heading: 'Indisponible pour le moment',
        advice:
          'Vous ne pouvez pas vérifier votre adresse e-mail pour le moment. Réessayez plus tard ou contactez votre administrateur.',
      },
    },
    help: 'Si cela ne fonctionne pas, demandez un nouveau lien là où vous avez demandé celui-ci, ou contactez votre administrateur.',
  },
};
