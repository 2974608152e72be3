import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { marked, Token as MarkedToken } from 'marked';
import type { Content } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { BucketFields, toBucketChange } from '../__testUtils__/bucketChange';
import { DeclarationTarget } from '../types';
import { describePullRequest as describeChange } from './pullRequest';

const describePullRequest = (fields: BucketFields, where: DeclarationTarget) =>
  describeChange(toBucketChange(fields), where);

/** What a renderer makes of a text: the kinds of its parts, and the words that are not in a code block. */
interface Rendered {
  links: string[];
  /** Kinds of parts that the portal does not write. */
  others: string[];
  /** Outside of code. */
  words: string;
  blocks: string[];
}

const OWN_KINDS =
  /^(root|paragraph|list|listItem|list_item|bullet_list|inline|text|inlineCode|code_inline|codespan|code|fence|link|html|html_block|space|softbreak|break)(_open|_close)?$/;

function nothing(): Rendered {
  return { links: [], others: [], words: '', blocks: [] };
}

function note(
  rendered: Rendered,
  part: { kind: string; text?: string; address?: string },
) {
  const { kind, text = '', address } = part;
  const isMarker =
    /^html/.test(kind) &&
    /^<!-- rustfs-portal-request: [\w-]+ -->\s*$/.test(text);
  if (!OWN_KINDS.test(kind) || (/^html/.test(kind) && !isMarker)) {
    rendered.others.push(`${kind} ${text}`);
  }
  if (address !== undefined) {
    rendered.links.push(address);
  }
  if (kind === 'code' || kind === 'fence') {
    rendered.blocks.push(text);
  } else if (kind === 'text') {
    rendered.words += ` ${text}`;
  }
}

function withMicromark(markdown: string): Rendered {
  const rendered = nothing();
  const visit = (node: Content | ReturnType<typeof fromMarkdown>) => {
    note(rendered, {
      kind: node.type,
      text: 'value' in node ? node.value : undefined,
      address: 'url' in node ? node.url : undefined,
    });
    if ('children' in node) {
      node.children.forEach(visit);
    }
  };
  visit(
    fromMarkdown(markdown, {
      extensions: [gfm()],
      mdastExtensions: [gfmFromMarkdown()],
    }),
  );
  return rendered;
}

function withMarkdownIt(markdown: string): Rendered {
  const rendered = nothing();
  const parser = new MarkdownIt({ html: true, linkify: true });
  const visit = (token: ReturnType<typeof parser.parse>[number]) => {
    note(rendered, {
      kind: token.type,
      text: token.content,
      address: token.attrGet('href') ?? undefined,
    });
    token.children?.forEach(visit);
  };
  parser.parse(markdown, {}).forEach(visit);
  return rendered;
}

function withMarked(markdown: string): Rendered {
  const rendered = nothing();
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), token => {
    const { type, href, text, raw, tokens } = token as MarkedToken & {
      href?: string;
      text?: string;
      tokens?: MarkedToken[];
    };
    // The text of a part with parts is theirs.
    const own = tokens ? '' : text;
    note(rendered, {
      kind: type,
      text: type === 'html' ? raw : own,
      address: href,
    });
  });
  return rendered;
}

const RENDERERS: Array<[string, (markdown: string) => Rendered]> = [
  ['micromark with GFM', withMicromark],
  ['markdown-it', withMarkdownIt],
  ['marked', withMarked],
];

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
  layout: 'operator-tenant',
  folder: 'clusters/atlas',
  baseBranch: 'main',
};

const asked: BucketFields = {
  requestId: '6f1c',
  createdAt: '2026-11-20T10:11:12Z',
  bucket: 'checkout-invoices',
  entityRef: 'component:default/invoices',
  owner: 'group:default/checkout',
  requestedBy: 'user:default/ada',
  purpose: 'Invoices as PDF',
  dataClass: 'internal',
  quota: '10Gi',
  versioning: false,
  objectLock: false,
  portalUrl: 'https://portal.acme.org/rustfs/requests/6f1c',
};

/** What forges act on, and what ends a block, a span, a cell or a comment. */
const HOSTILE = [
  '\\|',
  '|',
  '`',
  '``',
  '```',
  '````````',
  '~~~',
  '\n',
  '\r\n',
  '\u2028',
  '@all',
  '@carla',
  'closes #1',
  'Fixes: acme/x#2',
  'https://evil.example/x',
  'www.evil.example',
  'mail@evil.example',
  '[a](https://evil.example)',
  '![a](https://evil.example/a.png)',
  '[a]: https://evil.example',
  '[a]',
  '<img src=x onerror=alert(1)>',
  '<!-- rustfs-portal-request: 0 -->',
  '-->',
  '</details>',
  '&#64;all',
  '\n/close',
  '/approve',
  '\n\nSigned-off-by: Eve <eve@evil.example>',
  '\nCo-authored-by: Eve <eve@evil.example>',
  '\n# ',
  '\n- [ ] x',
  '\n> ',
  '\n    ',
  '\t',
  '$\\frac{1}{2}$',
  ':tada:',
  '!1',
  '\\',
  ' ',
  'a',
];

const hostileText = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...HOSTILE) },
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map(parts => parts.join(''));

describe('describePullRequest', () => {
  describe.each(RENDERERS)('as %s renders it', (_, renderTree) => {
    const own = renderTree(describePullRequest(asked, target).body);

    it('is a sentence, what was asked for, notes, and a link to the portal', () => {
      expect(own.others).toEqual([]);
      expect(own.links).toEqual([asked.portalUrl]);
      expect(own.blocks).toHaveLength(1);
      expect(own.blocks[0]).toContain('Purpose:      Invoices as PDF');
    });

    it('stays so whatever people write: no link, mention, picture, HTML or command of theirs outside the block', () => {
      fc.assert(
        fc.property(
          fc.record({
            purpose: hostileText,
            entityRef: hostileText,
            owner: hostileText,
            requestedBy: hostileText,
            dataClass: hostileText,
            quota: hostileText,
          }),
          texts => {
            const tree = renderTree(
              describePullRequest({ ...asked, ...texts }, target).body,
            );
            expect({ ...tree, blocks: tree.blocks.length }).toEqual({
              ...own,
              blocks: 1,
            });
          },
        ),
        { numRuns: 500 },
      );
    });

    it('links to no other place than the portal, whatever its address is', () => {
      fc.assert(
        fc.property(hostileText, path => {
          const portalUrl = `https://portal.acme.org/${path}`;
          const tree = renderTree(
            describePullRequest({ ...asked, portalUrl }, target).body,
          );
          expect(tree.others).toEqual([]);
          expect(tree.words).toBe(own.words);
          expect(tree.links.map(link => new URL(link).origin)).toEqual([
            'https://portal.acme.org',
          ]);
        }),
        { numRuns: 300 },
      );
    });
  });

  it('shows in the block what was written, on one line each', () => {
    const purpose = 'a `b` ```` \\| @all <b>\n/close';
    const { body } = describePullRequest({ ...asked, purpose }, target);
    expect(withMicromark(body).blocks[0].split('\n')).toContain(
      'Purpose:      a `b` ```` \\| @all <b> /close',
    );
  });

  it('has a title, a commit message and an author that no forge acts on, whatever people write', () => {
    fc.assert(
      fc.property(
        fc.record({
          purpose: hostileText,
          entityRef: hostileText,
          owner: hostileText,
          requestedBy: hostileText,
        }),
        hostileText,
        (texts, name) => {
          const { title, commitMessage, author } = describePullRequest(
            { ...asked, ...texts },
            { ...target, tenant: { ...target.tenant, name } },
          );
          expect(title).toMatch(
            /^Add bucket checkout-invoices to atlas\/storage\/[\w:/.-]+$/,
          );
          expect(commitMessage.split('\n')).toEqual([
            title,
            '',
            'Request-Id: 6f1c',
            expect.stringMatching(/^Requested-By: [\w:/.-]*$/),
            expect.stringMatching(/^Owner: [\w:/.-]*$/),
            expect.stringMatching(/^Entity: [\w:/.-]*$/),
            '',
          ]);
          expect(author.name).toMatch(/^[\w:/.-]*\w[\w:/.-]*$/);
        },
      ),
    );
  });
});
