import type { MailMessages } from './mail-messages.ts';

export const es: MailMessages = {
  greeting: (name) => (name === undefined ? 'Hola:' : `Hola, ${name}:`),
  expiry: (date) =>
    `Este enlace caduca el ${date} y solo funciona una vez. Por favor, no lo comparta.`,
  hourExpiry: (date) =>
    `Este enlace es válido durante una hora, hasta el ${date}, y solo funciona una vez. Por favor, no lo comparta.`,
  dayExpiry: (date) =>
    `Este enlace es válido durante 24 horas, hasta el ${date}, y solo funciona una vez. Por favor, no lo comparta.`,
  invitation: {
    subject: (tenant) => `Su invitación para unirse a ${tenant}`,
    request: ({ tenant, email }) =>
      `${tenant} ha creado una cuenta para ${email}. Para empezar a usarla, elija una contraseña:`,
    action: 'Activar su cuenta',
    ignore: 'Si no esperaba este correo, puede ignorarlo.',
  },
  reset: {
    subject: (tenant) => `Restablezca su contraseña de ${tenant}`,
    request: ({ tenant, email }) =>
      `Hemos recibido una solicitud para restablecer la contraseña de su cuenta de ${tenant} (${email}). Elija una nueva:`,
    action: 'Elegir una contraseña nueva',
    ignore: 'Si no lo ha solicitado usted, puede ignorar este correo. Su contraseña no cambiará.',
  },
  confirmation: {
    email: {
      subject: (tenant) => `Confirme su correo electrónico para ${tenant}`,
      request: ({ tenant, email }) =>
        `Confirme que ${email} es el correo electrónico de su cuenta de ${tenant}. Abra esta página e inicie sesión:`,
      action: 'Confirmar correo electrónico',
      ignore: 'Si no lo ha solicitado usted, puede ignorar este correo.',
    },
    identity: {
      subject: (tenant) => `Confirme su servicio de inicio de sesión para ${tenant}`,
      request: ({ tenant, email }) =>
        `Confirme el servicio de inicio de sesión vinculado a su cuenta de ${tenant} (${email}). Abra esta página en el navegador en el que tiene abierta la sesión de ese servicio:`,
      action: 'Confirmar servicio de inicio de sesión',
      ignore: 'Si no lo ha solicitado usted, puede ignorar este correo.',
    },
  },
  verification: {
    current: {
      subject: (tenant) => `Verifique su correo electrónico para ${tenant}`,
      request: ({ tenant, email }) =>
        `Verifique que ${email} es el correo electrónico de su cuenta de ${tenant}:`,
      action: 'Verificar correo electrónico',
      ignore: 'Si no tiene esta cuenta, puede ignorar este correo.',
    },
    new: {
      subject: (tenant) => `Verifique su nuevo correo electrónico para ${tenant}`,
      request: ({ tenant, email }) =>
        `Hemos recibido una solicitud para cambiar el correo electrónico de su cuenta de ${tenant} a ${email}. Para cambiarlo, verifique la nueva dirección:`,
      action: 'Verificar nuevo correo electrónico',
      ignore: 'Si no lo ha solicitado usted, puede ignorar este correo. No cambiará nada.',
    },
  },
  accessRequest: {
    subject: (tenant) => `Solicitud de acceso a ${tenant}`,
    request: ({ tenant, email }, level, date) =>
      `${email} solicitó el permiso «${level}» para ${tenant} el ${date}.`,
    message: 'Este es su mensaje. No lo hemos comprobado:',
    decide:
      'Recibe este correo porque es el propietario de la organización. Acepte o rechace la solicitud en los permisos de la organización.',
  },
  webhook: {
    failing: {
      subject: (tenant) => `Un webhook de ${tenant} falla`,
      text: ({ tenant, host, since }) =>
        `El webhook de ${tenant} en ${host} no ha aceptado ningún evento desde el ${since}. Se desactivará si ninguna entrega tiene éxito en cinco días.`,
    },
    disabled: {
      subject: (tenant) => `Se ha desactivado un webhook de ${tenant}`,
      text: ({ tenant, host, since }) =>
        `Se ha desactivado el webhook de ${tenant} en ${host}. No ha aceptado ningún evento desde el ${since}.`,
    },
    check:
      'Recibe este correo porque es el propietario de la organización. Cuando el servidor funcione y el webhook esté activado, recibirá los eventos pendientes.',
  },
  creation: {
    subject: (tenant) => `Se ha creado su cuenta de ${tenant}`,
    created: ({ tenant, email }, date) =>
      `Se ha creado una cuenta de ${tenant} para ${email} el ${date}.`,
    chooseOwnPassword:
      'La persona que la creó también eligió la contraseña. Para elegir la suya, restablézcala en la página de inicio de sesión.',
    unexpected: 'Si no esperaba esta cuenta, póngase en contacto con su administrador.',
  },
  change: {
    password: {
      subject: (tenant) => `Se ha cambiado su contraseña de ${tenant}`,
      changed: ({ tenant, email }, date) =>
        `La contraseña de su cuenta de ${tenant} (${email}) se cambió el ${date}.`,
    },
    email: {
      subject: (tenant) => `Se ha cambiado su correo electrónico para ${tenant}`,
      changed: ({ tenant, email }, date) =>
        `El correo electrónico de su cuenta de ${tenant} se cambió el ${date}. Ya no es ${email}.`,
    },
    identity: {
      subject: (tenant) =>
        `Se ha cambiado el servicio de inicio de sesión de su cuenta de ${tenant}`,
      changed: ({ tenant, email }, date) =>
        `El servicio de inicio de sesión de su cuenta de ${tenant} (${email}) se cambió el ${date}.`,
    },
    permissions: {
      subject: (tenant) => `Se han cambiado sus permisos en ${tenant}`,
      changed: ({ tenant, email }, date) =>
        `Los permisos de su cuenta de ${tenant} (${email}) se cambiaron el ${date}.`,
    },
  },
  details: {
    account: 'cuenta nueva',
    password: 'contraseña',
    email: 'correo electrónico',
    identity: 'servicio de inicio de sesión',
    permissions: 'permisos',
  },
  changes: {
    subject: (tenant, details) => `Cambios en su cuenta de ${tenant}: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `Su cuenta de ${tenant} (${email}) se modificó el ${date}: ${details}.`,
    line: (date, details) => `${date}: ${details}`,
    list: ({ tenant, email }) => `Su cuenta de ${tenant} (${email}) se ha modificado:`,
  },
  linkedIdentity: (service) => `Su cuenta está ahora vinculada a ${service}.`,
  unlinkedIdentity: 'Su cuenta ya no está vinculada a ningún otro servicio.',
  linkedUnknownIdentity: 'Su cuenta está ahora vinculada a un servicio que no conocemos.',
  inactivePermissions:
    'Algunos de sus permisos están inactivos porque otra persona estableció su contraseña. Para activarlos, restablezca su contraseña por correo en la página de inicio de sesión.',
  expected: 'Si ha sido usted o ya lo sabía, no tiene que hacer nada.',
  unexpected:
    'De lo contrario, restablezca su contraseña de inmediato y póngase en contacto con su administrador.',
  unexpectedWithoutReset: 'De lo contrario, póngase en contacto con su administrador de inmediato.',
  signInAt: 'Acceda a su cuenta en:',
};
