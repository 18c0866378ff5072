/** Lambda's limit for the response of a function, as JSON. The body is a string in it, so it is escaped once more. */
export const maxPayloadBytes = 6 * 1024 * 1024;

/** Bytes of a character (UTF-16 code unit) of a JSON text, at most, where it is a string in JSON. */
export const maxBytesPerCharacter = 3;

/** Bytes of a text where it is a string in JSON. */
export const countPayloadBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
