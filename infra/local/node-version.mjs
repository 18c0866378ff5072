// Loaded first, in syntax that old versions of Node parse, so they can report that they are too
// old.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `Roster needs Node 24.7 or newer, and this is ${process.version}. On Linux, \`npm ci\` installs one for npm's scripts.`,
  );
  process.exit(1);
}
