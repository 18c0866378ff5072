// Loaded first, in syntax that old versions of Node parse, so they can report that they are too
// old.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `Roster needs Node 24.7 or newer, and this is ${process.version}. On Linux, \`npm ci\` installs one for npm's scripts.`,
  );
  process.exit(1);
}

// Child processes read the variable.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../../node_modules/.cache/compiled', import.meta.url),
);
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
