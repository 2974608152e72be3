const MAX_URL = 1000;

/** One line, also without characters that cannot be seen, or that turn the text around. */
export function toLine(text = '', max: number): string {
  return cut(
    text
      .slice(0, 10 * max)
      .replace(/\p{Cf}/gu, '')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
    max,
  );
}

/** Lines of plain text, without what cannot be seen or turns the text around, and without more than one empty line. */
export function toText(text = '', max: number): string {
  return cut(
    text
      .slice(0, 10 * max)
      .replace(/\p{Cf}/gu, '')
      .replace(/\r\n?|[\u2028\u2029]/g, '\n')
      .replace(/[^\S\n]|(?!\n)\p{Cc}/gu, ' ')
      .replace(/ +$/gm, '')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    max,
  );
}

/** An address on http(s) that is what it looks like. */
export function toLink(
  text: string | undefined,
  pullUrl: string,
): string | undefined {
  if (
    !text ||
    text.length > MAX_URL ||
    !/^(https?:\/\/|\/[^/\\])/i.test(text)
  ) {
    return undefined;
  }
  const url = URL.canParse(text, pullUrl) ? new URL(text, pullUrl) : undefined;
  // What stands before an @ is made to be taken for the name of the server.
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password
    ? url.href
    : undefined;
}

function cut(text: string, max: number): string {
  const characters = [...text];
  return characters.length > max
    ? `${characters.slice(0, max - 1).join('')}…`
    : text;
}
