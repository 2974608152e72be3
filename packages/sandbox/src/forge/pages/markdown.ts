import MarkdownIt from 'markdown-it';
import { Html } from './html';

const md = new MarkdownIt({ html: true, breaks: true, linkify: true });
md.disable('image');
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
md.validateLink = target => /^(https?:\/\/|\/(?!\/)|#)/i.test(target);

const { escapeHtml } = md.utils;

// Elements are read as such, so that comments can vanish; everything else of them is shown as the text that it is.
const asText = (html: string) =>
  escapeHtml(html.replace(/<!--[\s\S]*?-->/g, '').trim());
md.renderer.rules.html_inline = (tokens, at) => asText(tokens[at].content);
md.renderer.rules.html_block = (tokens, at) => {
  const text = asText(tokens[at].content);
  return text && `<p>${text}</p>\n`;
};

const scrolling = (text: string) =>
  `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`;
md.renderer.rules.fence = (tokens, at) => scrolling(tokens[at].content);
md.renderer.rules.code_block = (tokens, at) => scrolling(tokens[at].content);

md.core.ruler.push('page', ({ tokens }) => {
  for (const token of tokens) {
    if (token.type.startsWith('heading_')) {
      // The page has a heading of the first level already.
      token.tag = `h${Math.min(Number(token.tag.slice(1)) + 1, 6)}`;
    }
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') child.attrSet('rel', 'nofollow noopener');
    }
  }
});

// Lists of properties have a head only because Markdown asks for one.
const EMPTY_HEAD =
  /<thead>\s*<tr>\s*(<th[^>]*><\/th>\s*)+<\/tr>\s*<\/thead>\s*/g;

/** What people write in pull requests and READMEs, as HTML that holds none of theirs. */
export function markdown(text: string): Html {
  return new Html(md.render(text).replace(EMPTY_HEAD, ''));
}
