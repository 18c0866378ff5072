import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AwsAnswer, refused } from './aws-response.ts';
import { accountId } from '../gateway/request-event.ts';
import { localSigningKey } from './kms-signing.ts';

interface KmsRequest {
  readonly KeyId?: string;
  readonly MacAlgorithm?: string;
  readonly SigningAlgorithm?: string;
  readonly MessageType?: string;
  /** Base64, as is `Mac`. */
  readonly Message?: string;
  readonly Mac?: string;
}

type Operations = Readonly<Record<string, (input: KmsRequest) => AwsAnswer>>;

/** What KMS does with its HMAC keys and its P-256 keys, by operation. Every key id that is asked for has a key of either kind, which follows from `master`. */
export const createKms = (master: string): Operations => ({
  ...macOperations(master),
  ...signOperations(master),
});

const idOf = ({ KeyId = '' }: KmsRequest): string => KeyId.split('/').at(-1) ?? '';
const arnOf = (id: string): string => `arn:aws:kms:local:${accountId}:key/${id}`;

function macOperations(master: string): Operations {
  const compute = (input: KmsRequest): { mac: Buffer; answer: object } | AwsAnswer => {
    const { MacAlgorithm, Message = '' } = input;
    const message = Buffer.from(Message, 'base64');
    const id = idOf(input);
    if (id === '' || message.length < 1 || message.length > 4096)
      return refused('ValidationException', 'A key, and a message of 1 to 4096 bytes.');
    if (MacAlgorithm !== 'HMAC_SHA_256')
      return refused(
        'InvalidKeyUsageException',
        `The keys here are for HMAC_SHA_256, not ${MacAlgorithm}.`,
      );
    const key = createHmac('sha256', master).update(id).digest();
    return {
      mac: createHmac('sha256', key).update(message).digest(),
      answer: { KeyId: arnOf(id), MacAlgorithm },
    };
  };

  return {
    GenerateMac: (input) => {
      const computed = compute(input);
      return 'status' in computed
        ? computed
        : { status: 200, body: { ...computed.answer, Mac: computed.mac.toString('base64') } };
    },
    VerifyMac: (input) => {
      const computed = compute(input);
      if ('status' in computed) return computed;
      const given = Buffer.from(input.Mac ?? '', 'base64');
      const isValid = given.length === computed.mac.length && timingSafeEqual(given, computed.mac);
      return isValid
        ? { status: 200, body: { ...computed.answer, MacValid: true } }
        : refused('KMSInvalidMacException', 'The MAC is another.');
    },
  };
}

function signOperations(master: string): Operations {
  const keyOf = (id: string) =>
    localSigningKey(createHmac('sha256', master).update(`signing ${id}`).digest());
  return {
    Sign: (input) => {
      const { SigningAlgorithm, MessageType, Message = '' } = input;
      const id = idOf(input);
      const digest = Buffer.from(Message, 'base64');
      if (SigningAlgorithm !== 'ECDSA_SHA_256')
        return refused(
          'InvalidKeyUsageException',
          `The keys here are for ECDSA_SHA_256, not ${SigningAlgorithm}.`,
        );
      if (id === '' || MessageType !== 'DIGEST' || digest.length !== 32)
        return refused('ValidationException', 'A key, and a digest of 32 bytes.');
      const Signature = keyOf(id).sign(digest).toString('base64');
      return { status: 200, body: { KeyId: arnOf(id), SigningAlgorithm, Signature } };
    },
    GetPublicKey: (input) => {
      const id = idOf(input);
      if (id === '') return refused('ValidationException', 'A key.');
      const PublicKey = keyOf(id).publicKey.toString('base64');
      const kind = {
        KeySpec: 'ECC_NIST_P256',
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ECDSA_SHA_256'],
      };
      return { status: 200, body: { KeyId: arnOf(id), PublicKey, ...kind } };
    },
  };
}
