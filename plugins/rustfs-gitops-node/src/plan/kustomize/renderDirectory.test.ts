import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';
import { snapshotOf } from '../../__testUtils__/planSealed';
import { createSourceFilter } from '../sourceIgnore';
import { renderFolder } from './renderFolder';

const manifest = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

const files = {
  'top/a.yaml': manifest('a'),
  'top/b.yml': manifest('b'),
  'top/buckets/c.yaml': manifest('c'),
  'top/buckets/kustomization.yaml': 'resources: []\n',
  'elsewhere/d.yaml': manifest('d'),
};

function pathsOf(
  directory: BuildOptions['directory'],
  more: Record<string, string> = {},
): string[] {
  return renderFolder(snapshotOf({ ...files, ...more }), {
    folder: 'top',
    build: { directory },
    isOfInterest: text => text.includes('ConfigMap'),
  }).objects.map(({ path }) => path.replace('top/', ''));
}

describe('a directory that is applied as it is', () => {
  it.each<[NonNullable<BuildOptions['directory']>, string[]]>([
    [{ recurse: false }, ['a.yaml', 'b.yml']],
    // No kustomization below it says anything.
    [{ recurse: true }, ['a.yaml', 'b.yml', 'buckets/c.yaml']],
    // A star goes past slashes.
    [{ recurse: true, include: '*.yaml' }, ['a.yaml', 'buckets/c.yaml']],
    [{ recurse: true, exclude: '*c.yaml' }, ['a.yaml', 'b.yml']],
    [
      { recurse: true, include: '{*.yml,**/c.yaml}' },
      ['b.yml', 'buckets/c.yaml'],
    ],
    [{ recurse: true, exclude: 'buckets/*' }, ['a.yaml', 'b.yml']],
  ])('with %j has %j', (directory, paths) => {
    expect(pathsOf(directory)).toEqual(paths);
  });

  it('is what its own kustomization says, where it has one', () => {
    expect(
      pathsOf(
        { recurse: true },
        { 'top/kustomization.yaml': 'resources: [b.yml]\n' },
      ),
    ).toEqual(['b.yml']);
  });

  it('has files that a .sourceignore leaves out for Flux', () => {
    const snapshot = snapshotOf({ '.sourceignore': 'top/\n' });
    expect(createSourceFilter(snapshot)('top/a.yaml')).toBe(true);
    expect(createSourceFilter(snapshot, false)('top/a.yaml')).toBe(false);
  });
});
