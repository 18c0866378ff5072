import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Last position of each stream reader. */
export interface Positions {
  get(reader: string): string | undefined;
  set(reader: string, position: string): void;
  /** Writes unsaved positions. */
  close(): void;
}

const writeEveryMs = 1000;

/**
 * Creates positions that a file stores. After a crash they can be a second old. Without a file they
 * live in memory.
 */
export function openPositions(file?: string): Positions {
  const positions = new Map<string, string>(file === undefined ? [] : readEntries(file));
  let timer: NodeJS.Timeout | undefined;

  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    if (file === undefined) return;
    writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(positions), undefined, 2));
    renameSync(`${file}.new`, file);
  };
  return {
    get: (reader) => positions.get(reader),
    set: (reader, position) => {
      positions.set(reader, position);
      timer ??= setTimeout(write, writeEveryMs).unref();
    },
    close: () => timer && write(),
  };
}

function readEntries(file: string): [string, string][] {
  try {
    return Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  } catch {
    return [];
  }
}
