const width = 40;

/**
 * Creates a progress bar. If the output is not a terminal, prints a line at each quarter. The
 * estimate can be wrong.
 */
export function createProgressBar(
  estimate: number,
  output: NodeJS.WriteStream = process.stderr,
): { show: (done: number, text: string) => void; end: () => void } {
  let quarters = 0;
  return {
    show: (done, text) => {
      const share = Math.min(done / Math.max(estimate, 1), 1);
      if (output.isTTY) {
        const filled = Math.floor(share * width);
        output.write(`\r${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}\u001B[K`);
        return;
      }
      const reached = Math.floor(share * 4);
      if (reached > quarters && reached < 4) output.write(`${reached * 25}% ${text}\n`);
      quarters = reached;
    },
    end: () => void (output.isTTY && output.write('\n')),
  };
}
