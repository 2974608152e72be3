import { Document, isScalar, Scalar, visit } from 'yaml';

/** What the usual linters of YAML take for the longest line. */
const MAX_LINE = 80;

/** Writes a manifest as a file that people would have written, and that the usual linters of YAML pass. */
export function writeManifest(
  manifest: Record<string, unknown>,
  comment?: string,
): string {
  // Read by tools that know YAML 1.1, to which `on` and `0o1` are no texts.
  const document = new Document(manifest, { version: '1.1' });
  visit(document, {
    Pair: (_, pair, above) => {
      const { key, value } = pair;
      const isLong =
        isScalar(key) &&
        isScalar(value) &&
        typeof value.value === 'string' &&
        !/\s/.test(value.value) &&
        above.length + String(key.value).length + value.value.length + 2 >
          MAX_LINE;
      if (isLong) {
        // A word that cannot be broken may be longer when it has the line for itself.
        (value as Scalar).type = Scalar.BLOCK_FOLDED;
      }
    },
  });
  const text = document.toString({ lineWidth: 0 });
  const lines = comment ? wrap(comment).map(line => `# ${line}\n`) : [];
  return `---\n${lines.join('')}${text}`;
}

function wrap(text: string): string[] {
  return text.split(/\s+/).reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 3 <= MAX_LINE) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
    return lines;
  }, []);
}
