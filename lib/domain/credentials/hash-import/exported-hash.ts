import { invalidInput } from '../../kernel/failure.ts';
import { fromFirebase } from './foreign-hashes.ts';
import { invalidHash } from '../hash-encoding.ts';

/** Hash as another system exports it: `format`, and the fields of the export by their own names. */
export interface ExportedHash {
  readonly format: string;
  readonly [field: string]: unknown;
}

interface ExportFormat {
  readonly fields: readonly string[];
  readonly toText: (read: FieldReader) => string;
}

/** Converts an exported hash to the text of a hash. Throws `invalid_input`. */
export function convertExportedHash({ format, ...fields }: ExportedHash): string {
  const names = Object.keys(formats);
  if (!Object.hasOwn(formats, format))
    throw fieldIssue('format', `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`);
  const { fields: known, toText }: ExportFormat = formats[format as keyof typeof formats];
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw fieldIssue(unknown, `is not a field of this format. Its fields are ${known.join(', ')}`);
  return toText(createReader(fields));
}

const fieldIssue = (path: string, message: string) =>
  invalidInput({ path: `passwordHash.${path}`, message });

/** Reads fields of one object. Each method throws `invalid_input` with the path of a faulty field. */
interface FieldReader {
  text(name: string, fallback?: string): string;
  number(name: string): number;
  /** Reads an object, or JSON text of one. */
  object(name: string): FieldReader;
}

function createReader(fields: Readonly<Record<string, unknown>>, parent = ''): FieldReader {
  const read = <Value>(
    name: string,
    typeName: string,
    convert: (value: unknown) => Value | undefined,
  ): Value => {
    const value = fields[name];
    if (value == null) throw fieldIssue(parent + name, 'is required');
    const converted = convert(value);
    if (converted === undefined) throw fieldIssue(parent + name, `must be ${typeName}`);
    return converted;
  };
  return {
    text: (name, fallback) =>
      fields[name] === undefined && fallback !== undefined
        ? fallback
        : read(name, 'a string', toText),
    number: (name) => read(name, 'a whole number', toNumber),
    object: (name) =>
      createReader(read(name, 'an object or its JSON text', toObject), `${parent}${name}.`),
  };
}

// Keycloak writes its additional parameters as lists of one text.
const toText = (value: unknown): string | undefined => {
  const [item, ...others] = Array.isArray(value) ? value : [value];
  return typeof item === 'string' && others.length === 0 ? item : undefined;
};

const toNumber = (value: unknown): number | undefined => {
  const number = typeof value === 'number' ? value : Number(toText(value) ?? NaN);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

function toObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  let parsed = value;
  try {
    if (typeof value === 'string') parsed = JSON.parse(value);
  } catch {
    return undefined;
  }
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  return isObject ? (parsed as Readonly<Record<string, unknown>>) : undefined;
}

/** Digests of Keycloak's algorithms. */
const keycloakDigests: Readonly<Record<string, string>> = {
  pbkdf2: 'sha1',
  'pbkdf2-sha256': 'sha256',
  'pbkdf2-sha512': 'sha512',
};
/** Digests in Okta's format. */
const oktaDigests: Readonly<Record<string, string>> = {
  SHA256_HMAC: 'sha256',
  SHA512_HMAC: 'sha512',
};

const formats = {
  /** Element of `credentials` in an export of users. */
  keycloak: {
    fields: ['credentialData', 'secretData', 'id', 'type', 'userLabel', 'createdDate'],
    toText: (read) => {
      const data = read.object('credentialData');
      const secret = read.object('secretData');
      const saltAndTag = `${secret.text('salt')}$${secret.text('value')}`;
      const algorithm = data.text('algorithm');
      const rounds = data.number('hashIterations');
      const digest = keycloakDigests[algorithm];
      if (digest !== undefined) return `$pbkdf2-${digest}$i=${rounds}$${saltAndTag}`;
      if (algorithm !== 'argon2')
        throw invalidHash(
          'must have the algorithm pbkdf2, pbkdf2-sha256, pbkdf2-sha512 or argon2 of Keycloak',
        );
      const parameters = data.object('additionalParameters');
      const version = parameters.text('version') === '1.3' ? 19 : 16;
      const [memory, lanes] = [parameters.number('memory'), parameters.number('parallelism')];
      const head = `$argon2${parameters.text('type')}$v=${version}`;
      return `${head}$m=${memory},t=${rounds},p=${lanes}$${saltAndTag}`;
    },
  },
  /** `credentials.password.hash` of Okta's users API. */
  okta: {
    fields: [
      'algorithm',
      'value',
      'salt',
      'saltOrder',
      'workFactor',
      'digestAlgorithm',
      'iterationCount',
      'keySize',
    ],
    toText: (read) => {
      const algorithm = read.text('algorithm');
      const value = read.text('value');
      if (algorithm === 'BCRYPT') {
        const cost = String(read.number('workFactor')).padStart(2, '0');
        return `$2b$${cost}$${read.text('salt')}${value}`;
      }
      if (algorithm === 'PBKDF2') {
        const digest = oktaDigests[read.text('digestAlgorithm')];
        if (digest === undefined)
          throw fieldIssue('digestAlgorithm', 'must be SHA256_HMAC or SHA512_HMAC');
        const parameters = `i=${read.number('iterationCount')},l=${read.number('keySize')}`;
        return `$pbkdf2-${digest}$${parameters}$${read.text('salt')}$${value}`;
      }
      const [, bits] = /^SHA-(1|256|512)$/.exec(algorithm) ?? [];
      if (bits === undefined)
        throw fieldIssue('algorithm', 'must be BCRYPT, PBKDF2, SHA-1, SHA-256 or SHA-512');
      const order = read.text('saltOrder', 'POSTFIX');
      if (order !== 'PREFIX' && order !== 'POSTFIX')
        throw fieldIssue('saltOrder', 'must be PREFIX or POSTFIX');
      const position = order === 'PREFIX' ? 'first' : 'last';
      return `$sha${bits}-salt-${position}$${read.text('salt')}$${value}`;
    },
  },
  /** User of `firebase auth:export`, with the hash parameters of the project. */
  firebase: {
    fields: [
      'passwordHash',
      'salt',
      'base64_signer_key',
      'base64_salt_separator',
      'rounds',
      'mem_cost',
    ],
    toText: (read) =>
      fromFirebase({
        parameters: `ln=${read.number('mem_cost')},r=${read.number('rounds')},p=1`,
        salt: read.text('salt'),
        hash: read.text('passwordHash'),
        saltSeparator: read.text('base64_salt_separator', ''),
        signerKey: read.text('base64_signer_key'),
      }),
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;
