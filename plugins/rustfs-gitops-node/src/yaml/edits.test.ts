import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { removeFromList } from './removeFromList';
import { setText } from './setText';

const tenant = `# Tenants of atlas
spec:
  policies: # rights
    # of loki
    - name: loki
      document: {configMapKeyRef: {name: a, key: b}}

    # of tempo
    - name: tempo
      document: {configMapKeyRef: {name: c, key: d}}
  users: [{name: loki, policies: [loki]}, {name: tempo, policies: ["tempo"]}]
data:
  quota: "10Gi" # enough
  owner: group:default/a
`;

describe('removeFromList', () => {
  const remove = (path: string[], index: number, text = tenant) =>
    removeFromList({
      text,
      document: 0,
      path: ['spec', ...path],
      where: (_, i) => i === index,
    });

  it('takes an entry with its comments, and nothing else', () => {
    expect(remove(['policies'], 1)).toBe(
      tenant.replace(/ {4}# of tempo\n {4}- name: tempo\n.*key: d\}\}\n/, ''),
    );
    expect(remove(['policies'], 0)).toBe(
      tenant.replace(/ {4}# of loki\n {4}- name: loki\n.*key: b\}\}\n/, ''),
    );
  });

  it('takes an entry out of a list in brackets', () => {
    expect(remove(['users'], 0)).toContain(
      'users: [{name: tempo, policies: ["tempo"]}]',
    );
    expect(remove(['users'], 1)).toContain(
      'users: [{name: loki, policies: [loki]}]\n',
    );
  });

  it('leaves an empty list behind', () => {
    const one = 'spec:\n  users:\n    # the only one\n    - name: a\n  x: 1\n';
    expect(parse(remove(['users'], 0, one))).toEqual({
      spec: { users: [], x: 1 },
    });
    expect(parse(remove(['users'], 0, 'spec: {users: [a]}\n'))).toEqual({
      spec: { users: [] },
    });
  });

  it('refuses an alias, and says where', () => {
    expect(() =>
      remove(['users'], 0, 'a: &a [x]\nspec:\n  users: *a\n'),
    ).toThrow(/not a list/);
  });

  it('takes out what it should of any list', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.stringMatching(/^[a-z]{1,5}$/) }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.nat(4),
        fc.boolean(),
        (users, at, isFlow) => {
          const index = at % users.length;
          const text = isFlow
            ? `spec:\n  users: ${JSON.stringify(users)}\n  after: 1\n`
            : stringify({ spec: { users, after: 1 } });
          expect(parse(remove(['users'], index, text))).toEqual({
            spec: { users: users.filter((_, i) => i !== index), after: 1 },
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('setText', () => {
  const set = (key: string, value: string | undefined, text = tenant) =>
    setText({ text, document: 0, path: ['data', key], value });

  it('sets a value as the old one is quoted, and keeps the comment', () => {
    expect(set('quota', '20Gi')).toBe(tenant.replace('"10Gi"', '"20Gi"'));
  });

  it('adds a key at the end, and takes one out', () => {
    expect(set('state', 'revoked')).toBe(`${tenant}  state: revoked\n`);
    expect(set('quota', undefined)).toBe(
      tenant.replace('  quota: "10Gi" # enough\n', ''),
    );
  });

  it('sets a value inside a list', () => {
    const after = setText({
      text: tenant,
      document: 0,
      path: ['spec', 'policies', 1, 'name'],
      value: 'mimir',
    });
    expect(after).toBe(tenant.replace('name: tempo\n', 'name: mimir\n'));
    const denied = setText({
      text: tenant,
      document: 0,
      path: ['spec', 'users', 1, 'policies', 0],
      value: 'denied',
    });
    expect(denied).toBe(tenant.replace('["tempo"]', '["denied"]'));
  });

  it('does nothing where nothing changes', () => {
    expect(set('quota', '10Gi')).toBe(tenant);
    expect(set('absent', undefined)).toBe(tenant);
  });

  it('writes what would be read as something else as text', () => {
    expect(parse(set('quota', 'true')).data.quota).toBe('true');
    expect(parse(set('size', '1e3')).data.size).toBe('1e3');
  });

  it('refuses a mapping in braces when a key is to be added', () => {
    expect(() => set('b', 'x', 'data: {a: y}\n')).toThrow(/one key per line/);
  });
});
