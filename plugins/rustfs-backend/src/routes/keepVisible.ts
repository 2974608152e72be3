import { ViewList } from '@rustfs-portal/plugin-rustfs-common';
import { problemsAbout } from '../inventory';

/** What decisions about entries of a list rest on; without an owner it stands for whatever a tenant may have. */
interface Resource {
  id: string;
  tenant: string;
}

/** A list as those see it who may see some of its entries, with the problems of the tenants that they may know of. */
export function keepVisible<T extends Resource>(
  list: ViewList<T>,
  isVisible: (resource: T | Resource) => boolean,
): ViewList<T> {
  const items = list.items.filter(isVisible);
  const tenants = [
    ...items.map(({ tenant }) => tenant),
    // Those whose every entry may be seen, though there may be none to see at present.
    ...list.problems
      .map(({ part }) => part)
      .filter(part => isVisible({ id: `${part}:`, tenant: part })),
  ];
  return { ...list, items, problems: problemsAbout(list.problems, tenants) };
}
