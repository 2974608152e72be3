import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget } from '../../../types';
import { placeOf, RenderedObject } from '../../kustomize/RenderedObject';
import {
  Kustomization,
  readKustomization,
} from '../../kustomize/Kustomization';
import { renderFolder } from '../../kustomize/renderFolder';
import { folderOf, isBelow, normalizeFolder, resolvePath } from '../../paths';
import { findRefusals, Refused } from '../../Refused';
import { RenderedTarget } from '../../renderTarget';

/**
 * A manifest that lies outside the folder of its entry point is a base: others may use it too, and an entry in it would reach
 * them as well.
 *
 * @throws Refused when somebody else uses it, or when that cannot be told
 */
export function requireOnlyUser(
  tenant: RenderedObject,
  rendered: RenderedTarget,
  target: DeclarationTarget,
): void {
  const { folder, snapshot } = rendered;
  if (isBelow(tenant.path, folder)) {
    return;
  }
  const ref = stringifyTenantRef(target.tenant);
  if (!snapshot.whole) {
    throw new Refused(
      'tenant-elsewhere',
      `${placeOf(
        tenant,
      )} declares Tenant ${ref} and lies outside ${folder}, and it cannot be told who else uses it; the portal has to read the whole repository`,
      { places: [placeOf(tenant)], wider: true },
    );
  }
  const own = tenant.through.map(({ path }) => path);
  const users = [
    ...findKustomizations(rendered)
      .filter(({ path }) => !own.includes(path))
      .filter(kustomization => uses(kustomization, tenant))
      .map(({ path }) => path),
    ...(target.others ?? [])
      .filter(other => {
        const theirs = normalizeFolder(other.folder);
        const files = other.snapshot;
        if (!files) {
          // Where its files are not known, it may apply all that lies in it.
          return isBelow(tenant.path, theirs);
        }
        let isApplied = false;
        // What cannot be read is not applied by anybody.
        findRefusals(() => {
          isApplied = renderFolder(files, {
            folder: theirs,
            build: other.build,
            isOfInterest: () => false,
          }).files.has(tenant.path);
        });
        return isApplied;
      })
      .map(({ by }) => by),
  ];
  if (users.length) {
    const mine = own[0] ?? folder;
    throw new Refused(
      'tenant-shared',
      `${placeOf(tenant)} declares Tenant ${ref} and is used by ${[
        mine,
        ...users,
      ].join(
        ' and ',
      )}, so an entry would be added to each; give each Tenant a manifest of its own, or keep its list in the overlay`,
      { places: [placeOf(tenant), mine, ...users] },
    );
  }
}

/** Whether a kustomization brings in the manifest itself, or a folder through which it is reached. */
function uses(
  { folder, value }: Kustomization,
  { path, through }: RenderedObject,
): boolean {
  // The outermost is the entry point, which nobody else counts as a base.
  const reached = [path, ...through.slice(1).map(step => step.folder)];
  return [
    ...(value.resources ?? []),
    ...(value.bases ?? []),
    ...(value.components ?? []),
  ].some(entry => {
    const found = resolvePath(folder, entry);
    return found !== undefined && reached.includes(found);
  });
}

function findKustomizations({ snapshot }: RenderedTarget): Kustomization[] {
  const folders = new Set(Object.keys(snapshot.files).map(folderOf));
  return [...folders].flatMap(folder => {
    const found: Kustomization[] = [];
    findRefusals(() => {
      const kustomization = readKustomization(snapshot, folder);
      if (kustomization) {
        found.push(kustomization);
      }
    });
    return found;
  });
}
