import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AwsAnswer, refused } from './aws-answer.ts';
import { accountId } from './event.ts';

interface MacRequest {
  readonly KeyId?: string;
  readonly MacAlgorithm?: string;
  /** Base64, as is `Mac`. */
  readonly Message?: string;
  readonly Mac?: string;
}

/** What KMS does with its HMAC keys, by operation. Every key id that is asked for has a key, which follows from `master`. */
export function createKms(master: string): Readonly<Record<string, (input: MacRequest) => AwsAnswer>> {
  const compute = (input: MacRequest): { mac: Buffer; answer: object } | AwsAnswer => {
    const { KeyId = '', MacAlgorithm, Message = '' } = input;
    const message = Buffer.from(Message, 'base64');
    const id = KeyId.split('/').at(-1) ?? '';
    if (id === '' || message.length < 1 || message.length > 4096)
      return refused('ValidationException', 'A key, and a message of 1 to 4096 bytes.');
    if (MacAlgorithm !== 'HMAC_SHA_256')
      return refused('InvalidKeyUsageException', `The keys here are for HMAC_SHA_256, not ${MacAlgorithm}.`);
    const key = createHmac('sha256', master).update(id).digest();
    return {
      mac: createHmac('sha256', key).update(message).digest(),
      answer: { KeyId: `arn:aws:kms:local:${accountId}:key/${id}`, MacAlgorithm },
    };
  };

  return {
    GenerateMac: (input) => {
      const computed = compute(input);
      return 'status' in computed ? computed : { status: 200, body: { ...computed.answer, Mac: computed.mac.toString('base64') } };
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
