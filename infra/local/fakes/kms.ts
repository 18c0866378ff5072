import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AwsResponse, awsError } from './aws-response.ts';
import { accountId } from '../gateway/request-event.ts';
import { createLocalSigningKey } from './kms-signing.ts';

interface KmsRequest {
  readonly KeyId?: string;
  readonly MacAlgorithm?: string;
  readonly SigningAlgorithm?: string;
  readonly MessageType?: string;
  /** Base64, like `Mac`. */
  readonly Message?: string;
  readonly Mac?: string;
}

type Operations = Readonly<Record<string, (input: KmsRequest) => AwsResponse>>;

/**
 * KMS operations on HMAC and P-256 keys. Every key ID has one key of each kind, derived from
 * `master`.
 */
export const createKms = (master: string): Operations => ({
  ...macOperations(master),
  ...signOperations(master),
});

const parseKeyId = ({ KeyId = '' }: KmsRequest): string => KeyId.split('/').at(-1) ?? '';
const toKeyArn = (id: string): string => `arn:aws:kms:local:${accountId}:key/${id}`;

function macOperations(master: string): Operations {
  const compute = (input: KmsRequest): { mac: Buffer; answer: object } | AwsResponse => {
    const { MacAlgorithm, Message = '' } = input;
    const message = Buffer.from(Message, 'base64');
    const id = parseKeyId(input);
    if (id === '' || message.length < 1 || message.length > 4096)
      return awsError(
        'ValidationException',
        'KeyId and a Message of 1 to 4096 bytes are required.',
      );
    if (MacAlgorithm !== 'HMAC_SHA_256')
      return awsError(
        'InvalidKeyUsageException',
        `The key supports HMAC_SHA_256, not ${MacAlgorithm}.`,
      );
    const key = createHmac('sha256', master).update(id).digest();
    return {
      mac: createHmac('sha256', key).update(message).digest(),
      answer: { KeyId: toKeyArn(id), MacAlgorithm },
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
      const mac = Buffer.from(input.Mac ?? '', 'base64');
      const isValid = mac.length === computed.mac.length && timingSafeEqual(mac, computed.mac);
      return isValid
        ? { status: 200, body: { ...computed.answer, MacValid: true } }
        : awsError('KMSInvalidMacException', 'The MAC does not match.');
    },
  };
}

function signOperations(master: string): Operations {
  const getKey = (id: string) =>
    createLocalSigningKey(createHmac('sha256', master).update(`signing ${id}`).digest());
  return {
    Sign: (input) => {
      const { SigningAlgorithm, MessageType, Message = '' } = input;
      const id = parseKeyId(input);
      const digest = Buffer.from(Message, 'base64');
      if (SigningAlgorithm !== 'ECDSA_SHA_256')
        return awsError(
          'InvalidKeyUsageException',
          `The key supports ECDSA_SHA_256, not ${SigningAlgorithm}.`,
        );
      if (id === '' || MessageType !== 'DIGEST' || digest.length !== 32)
        return awsError('ValidationException', 'KeyId and a digest of 32 bytes are required.');
      const Signature = getKey(id).sign(digest).toString('base64');
      return { status: 200, body: { KeyId: toKeyArn(id), SigningAlgorithm, Signature } };
    },
    GetPublicKey: (input) => {
      const id = parseKeyId(input);
      if (id === '') return awsError('ValidationException', 'KeyId is required.');
      const PublicKey = getKey(id).publicKey.toString('base64');
      const kind = {
        KeySpec: 'ECC_NIST_P256',
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ECDSA_SHA_256'],
      };
      return { status: 200, body: { KeyId: toKeyArn(id), PublicKey, ...kind } };
    },
  };
}
