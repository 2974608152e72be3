const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character]);
}

/** Text that is HTML already. Only {@link html} and code that has escaped everything itself makes it. */
export class Html {
  constructor(private readonly source: string) {}

  toString(): string {
    return this.source;
  }
}

type Value = Html | string | number | false | undefined | Value[];

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  if (value instanceof Html) return value.toString();
  return escapeHtml(String(value));
}

/** Template of HTML in which every value is escaped, unless it is {@link Html} itself. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(
    parts.reduce(
      (text, part, index) =>
        text + part + (index < values.length ? render(values[index]) : ''),
      '',
    ),
  );
}
