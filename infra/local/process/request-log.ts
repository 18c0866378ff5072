import { openSync, writeSync } from 'node:fs';

/**
 * Redirects the output of the functions to a file, like CloudWatch. The terminal shows only error
 * lines. Returns a function that prints to the terminal.
 */
export function redirectLogs(file: string): (text: string) => void {
  const log = openSync(file, 'a');
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk: string | Uint8Array) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    if (text.includes('"error":')) process.stderr.write(text);
    // A synchronous write costs less than the thread pool that a stream uses.
    writeSync(log, text);
    return true;
  };
  return (text) => void print(text);
}
