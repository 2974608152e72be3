import { escapeHtml, Html } from './html';

/**
 * The part of Markdown that people use in pull requests: headings, paragraphs, lists, tables, quotes,
 * code, emphasis, links. Everything is escaped first; HTML in the text stays text, comments vanish.
 */
export function markdown(text: string): Html {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/<!--[\s\S]*?-->/g, '')
    .split('\n');
  return new Html(blocks(lines));
}

const LIST = /^\s*(?:[-*+]|(\d+)[.)])\s+/;
const FENCE = /^\s*(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const QUOTE = /^\s*>\s?/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function startsBlock(line: string): boolean {
  return (
    FENCE.test(line) ||
    HEADING.test(line) ||
    QUOTE.test(line) ||
    LIST.test(line) ||
    RULE.test(line)
  );
}

function takeWhile(
  lines: string[],
  from: number,
  test: (line: string) => boolean,
): string[] {
  const taken: string[] = [];
  for (let at = from; at < lines.length && test(lines[at]); at += 1) {
    taken.push(lines[at]);
  }
  return taken;
}

function blocks(lines: string[]): string {
  const out: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line.trim() === '') {
      at += 1;
    } else if (FENCE.test(line)) {
      const mark = FENCE.exec(line)?.[1] ?? '```';
      const code = takeWhile(
        lines,
        at + 1,
        other => !other.trim().startsWith(mark),
      );
      out.push(
        `<pre tabindex="0"><code>${escapeHtml(code.join('\n'))}</code></pre>`,
      );
      at += code.length + 2;
    } else if (HEADING.test(line)) {
      const [, marks, title] = HEADING.exec(line) as RegExpExecArray;
      // The page has a heading of the first level already.
      const level = Math.min(marks.length + 1, 6);
      out.push(`<h${level}>${inline(title)}</h${level}>`);
      at += 1;
    } else if (RULE.test(line)) {
      out.push('<hr>');
      at += 1;
    } else if (QUOTE.test(line)) {
      const quoted = takeWhile(lines, at, other => QUOTE.test(other));
      out.push(
        `<blockquote>${blocks(
          quoted.map(other => other.replace(QUOTE, '')),
        )}</blockquote>`,
      );
      at += quoted.length;
    } else if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '')) {
      const rows = takeWhile(lines, at, other => other.includes('|'));
      out.push(table(rows));
      at += rows.length;
    } else if (LIST.test(line)) {
      const items = takeWhile(
        lines,
        at,
        other =>
          LIST.test(other) || (/^\s{2,}\S/.test(other) && !FENCE.test(other)),
      );
      out.push(list(items));
      at += items.length;
    } else {
      const words = [
        line,
        ...takeWhile(
          lines,
          at + 1,
          other => other.trim() !== '' && !startsBlock(other),
        ),
      ];
      out.push(`<p>${words.map(inline).join('<br>')}</p>`);
      at += words.length;
    }
  }
  return out.join('\n');
}

function list(lines: string[]): string {
  const ordered = LIST.exec(lines[0])?.[1] !== undefined;
  const indent = (line: string) => line.length - line.trimStart().length;
  const outer = indent(lines[0]);
  const items: string[][] = [];
  for (const line of lines) {
    if (LIST.test(line) && indent(line) <= outer) {
      items.push([line.replace(LIST, '')]);
    } else {
      items[items.length - 1].push(line);
    }
  }
  const rendered = items.map(([first, ...rest]) => {
    const task = /^\[([ xX])\]\s+/.exec(first);
    const box = task
      ? `<span aria-hidden="true">${
          task[1] === ' ' ? '☐' : '☑'
        }</span><span class="sr">${task[1] === ' ' ? 'open:' : 'done:'}</span> `
      : '';
    const text = inline(task ? first.slice(task[0].length) : first);
    return `<li>${box}${text}${
      rest.length > 0
        ? blocks(rest.map(line => line.replace(/^\s{2}/, '')))
        : ''
    }</li>`;
  });
  const tag = ordered ? 'ol' : 'ul';
  return `<${tag}>${rendered.join('')}</${tag}>`;
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map(cell => inline(cell.trim().replace(/\\\|/g, '|')));
}

function table([head, , ...body]: string[]): string {
  const row = (line: string, tag: string) =>
    `<tr>${cells(line)
      .map(cell => `<${tag}>${cell}</${tag}>`)
      .join('')}</tr>`;
  // Lists of properties have a head only because Markdown asks for one.
  const titles = /[^|\s]/.test(head) ? `<thead>${row(head, 'th')}</thead>` : '';
  return `<table>${titles}<tbody>${body
    .map(line => row(line, 'td'))
    .join('')}</tbody></table>`;
}

function safeLink(target: string): string | undefined {
  return /^(https?:\/\/|\/(?!\/)|#)/i.test(target) ? target : undefined;
}

function inline(text: string): string {
  // Code first, so that nothing inside it is taken for emphasis.
  return text
    .split(/(`+[^`]+`+)/)
    .map((part, index) =>
      index % 2 === 1
        ? `<code>${escapeHtml(part.replace(/^`+|`+$/g, ''))}</code>`
        : emphasis(part),
    )
    .join('');
}

function emphasis(text: string): string {
  return text
    .split(/(\[[^\]]*\]\([^)\s]+\)|https?:\/\/[^\s<>()]+)/)
    .map((part, index) => {
      if (index % 2 === 0) {
        return escapeHtml(part)
          .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
          .replace(/(^|[\s(])\*([^*\s][^*]*)\*/g, '$1<em>$2</em>')
          .replace(
            /(^|[\s(])_([^_\s][^_]*)_(?=$|[\s).,;:!?])/g,
            '$1<em>$2</em>',
          );
      }
      const found = /^\[([^\]]*)\]\(([^)\s]+)\)$/.exec(part);
      const target = safeLink(found ? found[2] : part);
      const label = found ? found[1] : part;
      return target
        ? `<a href="${escapeHtml(target)}" rel="nofollow noopener">${escapeHtml(
            label,
          )}</a>`
        : escapeHtml(label);
    })
    .join('');
}
