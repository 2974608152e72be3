import { entityNames } from './entityNames';

const nameOf = (id: string, ...others: string[]) =>
  entityNames([{ id }, ...others.map(other => ({ id: other }))]).get(id)!;

describe('entityNames', () => {
  it('joins cluster, tenant and bucket', () => {
    expect(nameOf('atlas/storage/apps')).toBe('atlas-apps');
    expect(nameOf('atlas/storage/apps:checkout-invoices')).toBe(
      'atlas-apps-checkout-invoices',
    );
  });

  it('keeps long names within what the catalog takes, and apart', () => {
    const long = 'a'.repeat(60);
    const one = nameOf(`atlas/storage/apps:${long}1`);
    const two = nameOf(`atlas/storage/apps:${long}2`);
    expect(one).not.toBe(two);
    for (const name of [one, two]) {
      expect(name).toMatch(/^atlas-apps-a+-[0-9a-f]{8}$/);
      expect(name.length).toBeLessThanOrEqual(63);
    }
    expect(
      nameOf(`atlas/storage/apps:${'a'.repeat(40)}.${'-'.repeat(10)}b`),
    ).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
  });

  it('tells apart what would have the same name', () => {
    const ids = [
      'atlas/one/apps:invoices',
      'atlas/two/apps:invoices',
      'atlas/one/apps-invoices',
    ];
    const names = [...entityNames(ids.map(id => ({ id }))).values()];
    expect(new Set(names).size).toBe(3);
    // The name does not depend on the order of the list.
    expect(
      [
        ...entityNames([...ids].reverse().map(id => ({ id }))).values(),
      ].reverse(),
    ).toEqual(names);
  });
});
