/** Lambda's limit for a response. The JSON body is escaped again as a string in it. */
export const maxPayloadBytes = 6 * 1024 * 1024;

/** Largest size of a UTF-16 code unit in an escaped JSON body. */
export const maxBytesPerCharacter = 3;

/** Size of a text as a JSON string. */
export const countPayloadBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
