import type { PageMessages } from './page-messages.ts';

export const es: PageMessages = {
  languageName: 'Español',
  language: 'Idioma',
  wait: 'Un momento…',
  greeting: (name) => `Hola, ${name}:`,
  identity: (issuer) =>
    `También puede iniciar sesión en esta cuenta con ${issuer}. Si no usa ese servicio, pida a su administrador que lo quite.`,
  passwordLabel: 'Contraseña',
  show: 'Mostrar',
  hide: 'Ocultar',
  showPassword: 'Mostrar la contraseña',
  hidePassword: 'Ocultar la contraseña',
  tryAgain: 'Volver a intentarlo',
  close: 'Puede cerrar esta página.',
  pasteLink: 'Enlace del correo',
  openLink: 'Abrir el enlace',
  invalidLink:
    'Este enlace no está completo. En el correo, haga clic derecho en el botón, o manténgalo pulsado, y copie el enlace.',
  password: {
    email: 'Correo electrónico',
    hint: (minimumLength) =>
      `Use al menos ${minimumLength} caracteres. Unas cuantas palabras sin relación entre sí son fáciles de recordar.`,
    reasons: {
      too_short: (minimumLength) => `Use al menos ${minimumLength} caracteres.`,
      too_long: () => 'Use como máximo 1024 caracteres.',
      pattern: () => 'Es fácil de adivinar. Evite las repeticiones y las secuencias.',
      contains_known_word: () =>
        'No incluya su correo electrónico, su nombre de usuario ni el nombre de su organización.',
      commonly_used: () => 'Esta contraseña es demasiado común. Elija otra.',
      is_hash: () => 'Esto es el hash de una contraseña. Elija una contraseña.',
      other: () => 'No puede usar esta contraseña. Elija otra.',
    },
    acceptable: 'Contraseña válida.',
    submit: 'Guardar contraseña',
    signIn: (tenant, email) => `Ya puede iniciar sesión en ${tenant} como ${email}.`,
    refusedRoles: (roles) =>
      `No ha recibido estos roles: ${roles}. Consulte a la persona que le invitó.`,
    continueTo: (tenant) => `Ir a ${tenant}`,
  },
  invitation: {
    welcome: (tenant) => `Le damos la bienvenida a ${tenant}`,
    choose: 'Elija una contraseña para activar su cuenta.',
    validUntil: (time) => `Esta invitación caduca el ${time}.`,
    done: 'Su cuenta está lista',
    help: 'Si no funciona, pida una invitación nueva a la persona que le invitó.',
    problems: {
      missing: {
        heading: 'Abra de nuevo su invitación',
        advice:
          'El enlace está incompleto. Ábralo de nuevo en el correo. Si sigue viendo esta página, copie el enlace del correo y péguelo abajo.',
      },
      invalid: {
        heading: 'Este enlace no es válido',
        advice:
          'Puede que falte una parte. Abra de nuevo el enlace en el correo o pida una invitación nueva a la persona que le invitó.',
      },
      expired: {
        heading: 'Esta invitación ha caducado',
        advice: 'Pida una invitación nueva a la persona que le invitó o a un administrador.',
      },
      used: {
        heading: 'Esta invitación ya se ha usado',
        advice:
          'Si ya eligió su contraseña, puede iniciar sesión. Si la ha olvidado, restablézcala. Si no fue usted, avise de inmediato a la persona que le invitó.',
      },
      revoked: {
        heading: 'Esta invitación se ha retirado',
        advice: 'Si todavía necesita una cuenta, consulte a la persona que le invitó.',
      },
      superseded: {
        heading: 'Hay una invitación más reciente',
        advice:
          'Solo funciona el enlace del último correo. Ábralo o pida que se lo enviemos de nuevo.',
      },
      suspended: {
        heading: 'No disponible por el momento',
        advice:
          'La organización que le invitó no puede añadir usuarios en este momento. Inténtelo más tarde o consulte a la persona que le invitó.',
      },
      tooManyRequests: {
        heading: 'Espere un momento',
        advice: 'Ha habido demasiadas solicitudes. Vuelva a intentarlo en un minuto.',
      },
      offline: {
        heading: 'Sin conexión',
        advice:
          'No podemos conectar con el servicio. Compruebe su conexión a Internet y vuelva a intentarlo.',
      },
      unavailable: {
        heading: 'Algo ha salido mal',
        advice: 'El problema es nuestro. Vuelva a intentarlo en un momento.',
      },
    },
  },
  reset: {
    welcome: (tenant) => `Restablezca su contraseña de ${tenant}`,
    choose: 'Elija una contraseña nueva. Sustituirá a la anterior.',
    validUntil: (time) => `Este enlace caduca el ${time}.`,
    done: 'Su contraseña nueva está guardada',
    help: 'Si no funciona, solicite un enlace nuevo.',
    problems: {
      missing: {
        heading: 'Pegue el enlace del correo',
        advice:
          'Para copiar el enlace, haga clic derecho en el botón del correo o manténgalo pulsado.',
      },
      invalid: {
        heading: 'Este enlace no es válido',
        advice:
          'Puede que falte una parte o que haya uno más reciente. Abra el enlace del último correo o solicite uno nuevo.',
      },
      expired: {
        heading: 'Este enlace ha caducado',
        advice:
          'Los enlaces funcionan durante una hora. Solicite uno nuevo para restablecer su contraseña.',
      },
      used: {
        heading: 'Este enlace ya no funciona',
        advice:
          'Si ya eligió su contraseña nueva, puede iniciar sesión. Si no, solicite un enlace nuevo.',
      },
      suspended: {
        heading: 'No disponible por el momento',
        advice:
          'No puede iniciar sesión en esta organización en este momento. Inténtelo más tarde.',
      },
    },
  },
  request: {
    reset: {
      heading: 'Restablezca su contraseña',
      advice:
        'Introduzca su correo electrónico o nombre de usuario y le enviaremos por correo un enlace para elegir una contraseña nueva.',
    },
    invitation: {
      heading: 'Recibir el enlace de nuevo',
      advice:
        'Introduzca el correo electrónico que recibió la invitación. Si sigue siendo válida, le enviaremos el enlace de nuevo.',
    },
    email: 'Correo electrónico',
    account: 'Correo electrónico o nombre de usuario',
    organization: 'Organización',
    organizationHint:
      'El nombre corto de su organización, por ejemplo acme. Si no lo conoce, pregunte a su administrador.',
    submit: 'Enviar enlace',
    invalidEmail: 'Introduzca un correo electrónico válido.',
    missingAccount: 'Introduzca su correo electrónico o nombre de usuario.',
    missingOrganization: 'Introduzca el nombre corto de su organización.',
    sent: 'Revise su correo',
    sentAdvice: (email) =>
      `Si ${email} tiene una cuenta, recibirá un enlace en unos minutos. Si no le llega, mire en la carpeta de correo no deseado o consulte a su administrador.`,
    otherEmail: 'Usar otro correo electrónico',
    newLink: 'Solicitar un enlace nuevo',
    resetPassword: 'Restablecer la contraseña',
    sendAgain: 'Recibir el enlace de nuevo',
    haveLink: 'Ya tengo un enlace',
  },
  confirmation: {
    heading: 'Confirme su correo electrónico',
    advice: 'Para confirmar su correo electrónico, inicie sesión en su cuenta.',
    account: 'Correo electrónico o nombre de usuario',
    submit: 'Iniciar sesión y confirmar',
    attemptProblems: {
      incomplete: 'Introduzca su correo electrónico o nombre de usuario y su contraseña.',
      wrongPassword:
        'El correo electrónico, el nombre de usuario o la contraseña no son correctos.',
      otherAccount:
        'Este enlace es de otra cuenta. Inicie sesión con la cuenta a la que se envió el correo.',
      tooManyRequests: 'Ha habido demasiados intentos.',
      offline:
        'No podemos conectar con el servicio. Compruebe su conexión a Internet y vuelva a intentarlo.',
      unavailable:
        'Se ha producido un error en nuestro sistema. Vuelva a intentarlo en un momento.',
    },
    retryAfter: (time) => `Vuelva a intentarlo en ${time}.`,
    linkProblems: {
      missing: {
        heading: 'Abra de nuevo el enlace',
        advice:
          'El enlace está incompleto. Ábralo de nuevo en el correo. Si sigue viendo esta página, copie el enlace del correo y péguelo abajo.',
      },
      invalid: {
        heading: 'Este enlace no es válido',
        advice: 'Puede que falte una parte. Abra de nuevo el enlace en el correo.',
      },
      expired: {
        heading: 'Este enlace ha caducado',
        advice:
          'Los enlaces funcionan durante una hora. Solicite uno nuevo para confirmar su correo electrónico.',
      },
      used: {
        heading: 'Este enlace ya no funciona',
        advice:
          'Puede que su correo electrónico ya esté confirmado o que haya un enlace más reciente. Abra el enlace del último correo o solicite uno nuevo.',
      },
      limitedPassword: {
        heading: 'Elija primero su propia contraseña',
        advice:
          'Otra persona estableció su contraseña, así que no sirve para confirmar su correo electrónico. Restablezca su contraseña por correo y solicite después un enlace de confirmación nuevo. Si no basta, pida a su administrador que apruebe su correo electrónico.',
      },
      identity: {
        heading: 'Esta página no puede confirmar su servicio de inicio de sesión',
        advice:
          'Este enlace confirma el servicio de inicio de sesión vinculado a su cuenta. Una contraseña no es suficiente. Pida a su administrador que apruebe el servicio.',
      },
      suspended: {
        heading: 'No disponible por el momento',
        advice:
          'No puede confirmar su correo electrónico porque el acceso a su cuenta o a su organización está suspendido. Póngase en contacto con su administrador.',
      },
    },
    help: 'Si no funciona, solicite un enlace nuevo donde solicitó este o consulte a su administrador.',
    done: 'Su correo electrónico está confirmado',
    sendAgain: 'Enviar un enlace nuevo',
    sent: {
      heading: 'Revise su correo',
      advice: 'Hemos enviado un enlace nuevo a su correo electrónico. Funciona durante una hora.',
    },
    notNeeded: {
      heading: 'No hace falta confirmación',
      advice: 'No tiene que confirmar su correo electrónico. Puede cerrar esta página.',
    },
  },
  verification: {
    heading: 'Verifique su correo electrónico',
    advice: (tenant, email) =>
      `Confirme que ${email} es el correo electrónico de su cuenta de ${tenant}.`,
    submit: 'Sí, es mi correo electrónico',
    done: 'Su correo electrónico está verificado',
    doneAdvice: (tenant, email) => `Su cuenta de ${tenant} usa el correo electrónico ${email}.`,
    problems: {
      missing: {
        heading: 'Abra el enlace de nuevo',
        advice:
          'El enlace está incompleto. Ábralo de nuevo desde el correo. Si sigue viendo esta página, copie el enlace del correo y péguelo abajo.',
      },
      invalid: {
        heading: 'Este enlace no es válido',
        advice:
          'Puede que esté incompleto, que haya uno más reciente o que su cuenta haya cambiado. Abra el enlace del último correo o solicite uno nuevo donde solicitó este.',
      },
      expired: {
        heading: 'Este enlace ha caducado',
        advice: 'Los enlaces son válidos durante 24 horas. Solicite uno nuevo donde solicitó este.',
      },
      used: {
        heading: 'Este enlace ya se ha utilizado',
        advice: 'Su correo electrónico está verificado. Puede cerrar esta página.',
      },
      taken: {
        heading: 'Este correo electrónico ya está en uso',
        advice:
          'Otra cuenta usa este correo electrónico. Su cuenta conserva su correo electrónico actual.',
      },
      suspended: {
        heading: 'No está disponible en este momento',
        advice:
          'No puede verificar su correo electrónico en este momento. Inténtelo más tarde o póngase en contacto con su administrador.',
      },
    },
    help: 'Si no funciona, solicite un enlace nuevo donde solicitó este, o póngase en contacto con su administrador.',
  },
};
