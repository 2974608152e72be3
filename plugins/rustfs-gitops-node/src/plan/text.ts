/** Text of a person as one line of printable characters; marks that turn the direction of text could hide something. */
export function oneLine(text: string): string {
  return text
    .replace(
      /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu,
      ' ',
    )
    .trim();
}

/**
 * Markdown that shows text as it is: inside a code span nothing is a mention, a link, a reference or HTML, on any forge.
 */
export function codeSpan(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(r => r.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .*\S.* $/.test(line) ? ' ' : '';
  return line ? `${fence}${pad}${line}${pad}${fence}` : '';
}
