import type { MailMessages } from './mail-messages.ts';

export const es: MailMessages = {
  greeting: (name) => (name === undefined ? 'Hola:' : `Hola, ${name}:`),
  expiry: (date) =>
    `Este enlace caduca el ${date} y solo funciona una vez. Por favor, no lo comparta.`,
  invitation: {
    subject: (tenant) => `Su invitación a ${tenant}`,
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
      subject: (tenant) => `Confirme su inicio de sesión en ${tenant}`,
      request: ({ tenant, email }) =>
        `Confirme que inicia sesión en su cuenta de ${tenant} (${email}) con otro servicio. Abra esta página en el navegador en el que tiene abierta la sesión de ese servicio:`,
      action: 'Confirmar inicio de sesión',
      ignore: 'Si no lo ha solicitado usted, puede ignorar este correo.',
    },
  },
  creation: {
    subject: (tenant) => `Se ha creado su cuenta de ${tenant}`,
    created: ({ tenant, email }, date) =>
      `Se ha creado una cuenta de ${tenant} para ${email} el ${date}.`,
    chooseOwnPassword:
      'La persona que la creó también eligió la contraseña. Para elegir la suya, restablezca la contraseña donde inicia sesión.',
    unexpected: 'Si no esperaba esta cuenta, póngase en contacto con su administrador.',
  },
  change: {
    password: {
      subject: 'Se ha cambiado su contraseña',
      changed: ({ tenant, email }, date) =>
        `La contraseña de su cuenta de ${tenant} (${email}) se cambió el ${date}.`,
    },
    email: {
      subject: 'Se ha cambiado su correo electrónico',
      changed: ({ tenant, email }, date) =>
        `El correo electrónico de su cuenta de ${tenant} se cambió el ${date}. Ya no es ${email}.`,
    },
    identity: {
      subject: 'Se ha cambiado su inicio de sesión con otro servicio',
      changed: ({ tenant, email }, date) =>
        `El inicio de sesión con otro servicio de su cuenta de ${tenant} (${email}) se cambió el ${date}.`,
    },
    permissions: {
      subject: 'Se han cambiado sus permisos',
      changed: ({ tenant, email }, date) =>
        `Los permisos de su cuenta de ${tenant} (${email}) se cambiaron el ${date}.`,
    },
  },
  details: {
    account: 'cuenta nueva',
    password: 'contraseña',
    email: 'correo electrónico',
    identity: 'inicio de sesión con otro servicio',
    permissions: 'permisos',
  },
  changes: {
    subject: (details) => `Cambios en su cuenta: ${details}`,
    changed: ({ tenant, email }, details, date) =>
      `Su cuenta de ${tenant} (${email}) se modificó el ${date}: ${details}.`,
    line: (date, details) => `${date}: ${details}`,
    list: ({ tenant, email }) => `Su cuenta de ${tenant} (${email}) se ha modificado:`,
  },
  linkedIdentity: (service) => `Su cuenta está ahora vinculada a este servicio: ${service}.`,
  unlinkedIdentity: 'Su cuenta ya no está vinculada a ningún otro servicio.',
  unknownService: 'un servicio que no reconocemos',
  inactivePermissions:
    'Algunos de sus permisos están inactivos porque otra persona estableció su contraseña. Para activarlos, restablezca su contraseña por correo donde inicia sesión.',
  expected: 'Si ha sido usted o ya lo sabía, no tiene que hacer nada.',
  unexpected:
    'Si no ha sido usted, restablezca su contraseña de inmediato y póngase en contacto con su administrador.',
  unexpectedWithoutReset:
    'Si no ha sido usted, póngase en contacto con su administrador de inmediato.',
  signInAt: 'Acceda a su cuenta en:',
};
