import { vi } from 'vitest';

/** Lines that the functions logged in this test file. */
export const getLogs: string[] = [];

/** Collects log lines from now on instead of printing them. */
export function captureLogs(): void {
  getLogs.length = 0;
  const write = process.stdout.write.bind(process.stdout);
  vi.spyOn(process.stdout, 'write').mockImplementation((...line: unknown[]) => {
    if (!String(line[0]).startsWith('{"_aws":'))
      return (write as (...line: unknown[]) => boolean)(...line);
    getLogs.push(String(line[0]));
    return true;
  });
}
