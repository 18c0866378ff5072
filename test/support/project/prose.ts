/**
 * Texts of the project, and patterns of the style guide (CONTRIBUTING.md) that they must not
 * match.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import jsTokens from 'js-tokens';

type Kind = 'comment' | 'string' | 'markdown' | 'policy' | 'page';

/** Comment, string with a space, or paragraph. `line` is its first line. */
export interface Text {
  readonly file: string;
  readonly line: number;
  readonly kind: Kind;
  readonly text: string;
}

const headless = 'What|Who|Whose|Whom|Whether|Whatever|Whoever|That';

/** Patterns by name, with the kinds of text to which they apply, by default all. */
const patterns: Readonly<
  Record<string, { readonly pattern: RegExp; readonly kinds?: readonly Kind[] }>
> = {
  'headless sentence': {
    pattern: new RegExp(String.raw`(^|[.:;!]\s)(${headless})\s(?![^.!?]*\?)`),
    kinds: ['comment', 'markdown', 'policy'],
  },
  'unnamed actor': { pattern: /\b(nobody|somebody|whoever|everybody|anybody)\b/i },
  'translated phrase': {
    pattern:
      /\b(of it|of which|so that|besides|by now|any more|for good|told|tells|owed|at hand|had been|in its place|as it is|is none)\b/i,
  },
  'British spelling': {
    pattern:
      /\b\w*(normalis|authoris|organis|recognis|serialis|synthesis(e|ed|es|ing)\b|initialis|honour|behaviour|colour|favour|neighbour|licence|cancell(ed|ing)|labell)/i,
  },
  spelling: {
    // Not German and French, which write `E-Mail-Adresse` and `e-mail`.
    pattern: /\b([eE]-mails?|user-name|[uU]ser names?|user-id|(?<!X-)API-[kK]ey|api-key)\b(?!-)/,
    kinds: ['comment', 'string', 'markdown', 'policy'],
  },
};

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' });

/** Files that Git knows under these paths and that exist. */
export const listFiles = (...paths: readonly string[]): string[] =>
  git('ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths)
    .split('\n')
    .filter((file) => file !== '' && existsSync(file));

/** Texts of TypeScript, JavaScript, Cedar, Markdown and HTML files. Other files have none. */
export function readTexts(file: string): Text[] {
  if (/translations|\/(de|fr|es)(-[a-z]+)?\.ts$/.test(file)) return [];
  const source = readFileSync(file, 'utf8');
  if (/\.(ts|mjs|js)$/.test(file)) return readCode(file, source);
  if (file.endsWith('.md')) return readMarkdown(file, source);
  if (file.endsWith('.cedar') || file.endsWith('.cedarschema')) return readPolicies(file, source);
  return file.endsWith('.html') ? readPage(file, source) : [];
}

/** Lists the first match of each pattern in each text, as `file:line: name: excerpt`. */
export const findProblems = (texts: readonly Text[]): string[] =>
  texts.flatMap(({ file, line, kind, text }) =>
    Object.entries(patterns).flatMap(([name, { pattern, kinds }]) => {
      const match = kinds === undefined || kinds.includes(kind) ? pattern.exec(text) : null;
      if (match === null) return [];
      const excerpt = text.slice(Math.max(0, match.index - 30), match.index + match[0].length + 50);
      return [`${file}:${line}: ${name}: …${excerpt.replaceAll('\n', ' ')}…`];
    }),
  );

function readCode(file: string, source: string): Text[] {
  const texts: Text[] = [];
  let line = 1;
  /** Line after the last `//` comment, if the next comment can continue it. */
  let continues = 0;
  for (const { type, value } of jsTokens(source)) {
    const add = (kind: Kind, text: string) => texts.push({ file, line, kind, text });
    if (type === 'SingleLineComment') {
      const text = value.replace(/^\/\/\s?/, '');
      const previous = texts.at(-1);
      if (continues === line && previous?.kind === 'comment') {
        texts[texts.length - 1] = { ...previous, text: `${previous.text} ${text}` };
      } else add('comment', text);
      continues = line + 1;
    } else if (type === 'MultiLineComment') {
      add(
        'comment',
        value
          .replace(/^\/\*+\s*|\s*\*\/$|^\s*\*\s?/gm, '')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      );
    } else if (
      /^(StringLiteral|NoSubstitutionTemplate|TemplateHead|TemplateMiddle|TemplateTail)$/.test(type)
    ) {
      const text = value.slice(1, -1);
      if (/\w \w/.test(text)) add('string', text);
    }
    line += value.split('\n').length - 1;
  }
  return texts.map((text) => ({ ...text, text: withoutCode(text.text) }));
}

/** Paragraphs, list items and table rows outside code blocks. */
function readMarkdown(file: string, source: string): Text[] {
  const texts: Text[] = [];
  let inCode = false;
  let paragraph: { line: number; lines: string[] } | undefined;
  const end = () => {
    if (paragraph)
      texts.push({
        file,
        line: paragraph.line,
        kind: 'markdown',
        text: withoutCode(paragraph.lines.join(' ')),
      });
    paragraph = undefined;
  };
  for (const [index, text] of source.split('\n').entries()) {
    if (/^\s*```/.test(text)) {
      end();
      inCode = !inCode;
    } else if (!inCode) {
      if (/^\s*([-*|#>]|\d+\.|$)/.test(text)) end();
      if (text.trim() !== '') {
        paragraph ??= { line: index + 1, lines: [] };
        paragraph.lines.push(text.trim().replace(/^([-*#>]+|\d+\.)\s+/, ''));
      }
    }
  }
  end();
  return texts;
}

const readPolicies = (file: string, source: string): Text[] =>
  source.split('\n').flatMap((text, index): Text[] => {
    const found = /@notice\("(.*)"\)/.exec(text)?.[1] ?? /^\s*\/\/\s?(.*)/.exec(text)?.[1];
    return found === undefined ? [] : [{ file, line: index + 1, kind: 'policy', text: found }];
  });

const readPage = (file: string, source: string): Text[] =>
  source.split('\n').flatMap((text, index): Text[] => {
    const found = text.replaceAll(/<[^>]*>/g, ' ').trim();
    return /\w \w/.test(found) ? [{ file, line: index + 1, kind: 'page', text: found }] : [];
  });

/** Removes code and quoted examples. */
const withoutCode = (text: string): string => text.replaceAll(/`[^`]*`/g, '`…`');

if (import.meta.main) {
  const paths = process.argv.slice(2);
  const problems = findProblems(
    listFiles(...(paths.length > 0 ? paths : ['.'])).flatMap(readTexts),
  );
  process.stdout.write(`${problems.join('\n')}\n${problems.length} places\n`);
}
