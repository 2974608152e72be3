import fc from 'fast-check';
import { insertIntoList } from './insertIntoList';
import { parseYaml } from './parseYaml';

const nameOf = (item: unknown) => (item as { name?: string } | undefined)?.name;

function addBucket(text: string, name = 'loki', extra = {}) {
  return insertIntoList({
    text,
    document: 0,
    path: ['spec', 'buckets'],
    entry: { name, ...extra },
    keyOf: nameOf,
  });
}

/** The lines of a text; `+` marks what is added, so that a case reads as a diff. */
function fromDiff(diff: string) {
  const lines = diff.replace(/^\n/, '').split('\n');
  return {
    before: lines
      .filter(line => !line.startsWith('+'))
      .map(line => line.replace(/^[- ]/, ''))
      .join('\n'),
    after: lines
      .filter(line => !line.startsWith('-'))
      .map(line => line.replace(/^[+ ]/, ''))
      .join('\n'),
  };
}

const CASES: Record<string, string> = {
  'between two entries': `
 spec:
   buckets:
     - name: harbor
+    - name: loki
     - name: velero
`,
  'at the end': `
 spec:
   buckets:
     - name: harbor
+    - name: loki
   pools: []
`,
  'at the start, list not indented': `
 spec:
   buckets:
+  - name: loki
   - name: velero
     objectLock: true
   pools: []
`,
  'above the comments of the next entry': `
 spec:
   buckets:
     - name: harbor   # images\t(tab)
       # never delete
 
+    - name: loki
     # backups, see the runbook
     #   - weekly
     - name: velero
`,
  'below the deeper comments of the last entry, above a footer': `
 spec:
   buckets:
     - name: harbor
       # objectLock: true
+    - name: loki
     # - name: retired
 
   # pools are sized by the platform team
   pools: []
`,
  'in an unsorted list, before the first greater': `
 spec:
   buckets:
     - name: harbor
+    - name: loki
     - name: velero
     - name: apps
`,
  'with the neighbours quotes and spaces': `
 spec:
   buckets:
   -   "name": "harbor"
+  -   "name": "loki"
   -   name: 'velero'
`,
  'where the dash stands alone': `
 spec:
   buckets:
     -
       name: harbor
+    - name: loki
`,
  'with no list': `
 # the tenant of the platform
 spec:
   pools:
   - name: main   # do not rename
     servers: 4
     # persistence: {}
+  buckets:
+  - name: loki
 
 # end of the tenant
 status: {}
`,
  'with a key and nothing': `
 spec:
   buckets: # none yet
+    - name: loki
   pools: {}
`,
  'with an empty list': `
 spec:
-  buckets: []   # none yet
+  buckets:   # none yet
+    - name: loki
   pools: {}
`,
  'in brackets on one line': `
 spec:
-  buckets: [{name: harbor}, {name: velero}] # sorted
+  buckets: [{name: harbor}, {name: loki}, {name: velero}] # sorted
`,
  'in brackets on several lines': `
 spec:
   buckets: [
     { name: harbor },
+    { name: loki },
     { name: velero }, # backups
   ]
`,
  'in brackets at the end, with a last comma and a comment': `
 spec:
   buckets: [
     { name: harbor }, # images
+    { name: loki },
   ]
`,
  'with anchors, aliases and merge keys': `
 x: &defaults
   deletionPolicy: Retain
 spec:
   buckets: &all
     - &first
       name: harbor
       <<: *defaults
+    - name: loki
     - <<: *defaults
       name: velero
`,
  'after a text that ends with blank lines and looks like a comment': `
 spec:
   buckets:
     - name: harbor
       note: |
         # not a comment
 
+    - name: loki
     # a comment
     - name: velero
`,
};

describe('insertIntoList', () => {
  it.each(Object.entries(CASES))('adds an entry %s', (_, diff) => {
    const { before, after } = fromDiff(diff);
    expect(addBucket(before)).toBe(after);
    const windows = (text: string) => text.replace(/\n/g, '\r\n');
    expect(addBucket(windows(before))).toBe(windows(after));
    expect(addBucket(before.trimEnd())).toBe(after.trimEnd());
    expect(addBucket(`\uFEFF${before}`)).toBe(`\uFEFF${after}`);
  });

  it('puts further settings below the name', () => {
    expect(
      addBucket('spec:\n  buckets:\n  -  name: a\n', 'b', { objectLock: true }),
    ).toBe(
      'spec:\n  buckets:\n  -  name: a\n  -  name: b\n     objectLock: true\n',
    );
    expect(
      addBucket('spec: {"buckets": [{"name": "a"}]}', 'b', {
        objectLock: true,
      }),
    ).toBe(
      'spec: {"buckets": [{"name": "a"}, {"name": "b", "objectLock": true}]}',
    );
  });

  it('keeps the blank lines of a text that keeps them', () => {
    const text = 'spec:\n  buckets:\n  - name: a\n    note: |+\n      x\n\n';
    expect(addBucket(text, 'b')).toBe(`${text}  - name: b\n`);
  });

  it('edits the document that it is told', () => {
    const text = 'spec:\n  buckets:\n  - name: a\n---\nresources: [x.yaml]\n';
    expect(
      insertIntoList({
        text,
        document: 1,
        path: ['resources'],
        entry: 'y.yaml',
        keyOf: String,
      }),
    ).toBe(text.replace('x.yaml', 'x.yaml, y.yaml'));
  });

  it.each(['123', 'true', 'null', 'off', '2026-01-01', '0x1f', '1e3', '1.5'])(
    'quotes the name %s, which is not text otherwise',
    name => {
      expect(addBucket('spec:\n  buckets:\n', name)).toContain(
        `- name: "${name}"\n`,
      );
    },
  );

  it.each([
    ['an alias', 'x: &x [{name: a}]\nspec:\n  buckets: *x\n', 'not a list'],
    ['repeated', 'spec:\n  buckets: &x\n  - name: a\ny: *x\n', 'buckets'],
    ['in a mapping in braces', 'spec: {pools: []}\n', 'one entry per line'],
    ['below an alias', 'x: &x {}\nspec: *x\n', 'spec is an alias'],
    ['text', 'spec:\n  buckets: none\n', 'not a list'],
    [
      'not parsable',
      'spec:\n  buckets: [\n',
      'is not indented as far as it must be',
    ],
    [
      'twice there',
      'spec:\n  buckets: []\n  buckets: []\n',
      'stands in the same mapping twice',
    ],
  ])('refuses a list that is %s', (_, text, message) => {
    expect(() => addBucket(text)).toThrow(message);
  });

  it('only adds lines, whatever the format', () => {
    fc.assert(
      fc.property(listText(), bucketName(), ({ text, names }, name) => {
        fc.pre(!names.includes(name));
        const after = addBucket(text, name);
        // What is left without the added lines is the old text.
        const lines = text.split('\n');
        const added = after
          .split('\n')
          .filter(line => line !== lines[0] || (lines.shift(), false));
        expect(lines).toEqual([]);
        expect(added).toHaveLength(1);
        const { values } = parseYaml(after);
        const found = (
          values[0] as { spec: { buckets: Array<{ name: string }> } }
        ).spec.buckets.map(nameOf);
        const isSorted = (list: Array<string | undefined>) =>
          list.every((item, i) => i === 0 || list[i - 1]! <= item!);
        expect([...found].sort()).toEqual([...names, name].sort());
        expect(isSorted(names) ? isSorted(found) : true).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function bucketName() {
  return fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,8}[a-z0-9]$/);
}

/** A Tenant's spec with at least one bucket in block style, formatted as different people would. */
function listText() {
  const comment = fc.constantFrom(
    '',
    '',
    ' # note',
    '\t# tab',
    '  # - name: x',
  );
  return fc
    .record({
      names: fc.uniqueArray(bucketName(), { minLength: 1, maxLength: 6 }),
      sorted: fc.boolean(),
      step: fc.nat(4),
      gap: fc.integer({ min: 1, max: 4 }),
      quote: fc.constantFrom('"', "'"),
      eol: fc.constantFrom('\n', '\r\n'),
      decorations: fc.array(
        fc.record({
          above: fc.constantFrom('', '', 'same', 'blank', 'deeper', 'left'),
          trailing: comment,
          extra: fc.constantFrom(
            '',
            '',
            'objectLock: true',
            'note: |\n  # text\n  x',
            'region: eu',
          ),
        }),
        { minLength: 6, maxLength: 6 },
      ),
      before: fc.constantFrom('', '  pools: []\n', '  pools:\n    - a: 1\n'),
      after: fc.constantFrom(
        '',
        '  # tail\n',
        '\n  image: x # pinned\n',
        '---\nkind: Other\n',
        '# end\n',
        '...\n',
      ),
    })
    .map(o => {
      const names = o.sorted ? [...o.names].sort() : o.names;
      const lead = ' '.repeat(2 + o.step);
      const inner = lead + ' '.repeat(1 + o.gap);
      const entries = names.map((name, i) => {
        const { above, trailing, extra } = o.decorations[i];
        const comments = {
          '': '',
          same: `${lead}# about\n`,
          blank: '\n',
          deeper: `${inner}# deeper\n`,
          left: '# left\n',
        }[above];
        const more = extra
          .split('\n')
          .map(line => (extra ? `${inner}${line}\n` : ''))
          .join('');
        return `${comments}${lead}-${' '.repeat(o.gap)}name: ${o.quote}${name}${
          o.quote
        }${trailing}\n${more}`;
      });
      const text = `kind: Tenant\nspec:\n${o.before}  buckets:\n${entries.join(
        '',
      )}${o.after}`;
      return { names, text: text.replace(/\n/g, o.eol) };
    });
}
