import { openSync, writeSync } from 'node:fs';

/**
 * From now on what the functions print goes to a file, as it would go to CloudWatch, and the terminal shows only the lines
 * that tell of an error. Returns the way to print to the terminal.
 */
export function divertOutput(file: string): (text: string) => void {
  const log = openSync(file, 'a');
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk: string | Uint8Array) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    if (text.includes('"error":')) process.stderr.write(text);
    // At once: a line costs less than the turn through the thread pool that a stream takes for it.
    writeSync(log, text);
    return true;
  };
  return (text) => void print(text);
}
