/** Progress output of a run. */
export const printLine = (line: string): void => console.log(`${time()}  ${line}`);

const time = (): string => `${(performance.now() / 1000).toFixed(0).padStart(4)} s`;

const width = 40;

/**
 * A bar that is drawn anew at every step; where the output is no terminal, a line at every quarter.
 */
export function progressBar(what: string, total: number): (done: number) => void {
  let quarters = 0;
  return (done) => {
    if (process.stdout.isTTY) {
      const filled = Math.floor((done / total) * width);
      const end = done === total ? '\n' : '';
      process.stdout.write(
        `\r${time()}  ${what} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done} of ${total}${end}`,
      );
      return;
    }
    const reached = Math.floor((done / total) * 4);
    if (reached > quarters) printLine(`${what}: ${done} of ${total}`);
    quarters = reached;
  };
}
