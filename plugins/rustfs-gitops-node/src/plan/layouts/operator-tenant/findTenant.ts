import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget, RepositorySnapshot } from '../../../types';
import { MAX_YAML_LENGTH } from '../../../yaml';
import { Kustomization } from '../../kustomize/Kustomization';
import { ListName } from '../../kustomize/lists';
import {
  nameOf,
  namespaceOf,
  placeOf,
  RenderedObject,
  toObject,
} from '../../kustomize/RenderedObject';
import { readObjects } from '../../kustomize/renderFolder';
import { Refused } from '../../Refused';
import { mayHoldTenant, RenderedTarget } from '../../renderTarget';
import { createSubstitution } from '../../substitute';
import { DeclaredBucket, readList } from './declaredList';
import { requireOnlyUser } from './requireOnlyUser';

/** The manifest of a Tenant that may be edited. */
export interface FoundTenant {
  object: RenderedObject;
  buckets: DeclaredBucket[];
}

/**
 * Finds the one manifest of a Tenant whose edit surely reaches the cluster, and nothing else.
 *
 * @param lists - what is to be edited
 *
 * @throws Refused
 */
export function findTenant(
  rendered: RenderedTarget,
  target: DeclarationTarget,
  lists: ListName[] = ['buckets'],
): FoundTenant {
  const { snapshot } = rendered;
  const ref = stringifyTenantRef(target.tenant);
  const tenants = rendered.objects.filter(isTenant);
  const found = tenants.filter(
    object => identify(object, target) === 'the same',
  );
  const [tenant] = found;
  if (!tenant) {
    throw refuseNotFound(rendered, tenants, target);
  }
  const isSame = ({ path, document, at }: RenderedObject) =>
    path === tenant.path &&
    document === tenant.document &&
    at.join() === tenant.at.join();
  if (found.some(object => !isSame(object))) {
    const places = found.map(placeOf);
    throw new Refused(
      'tenant-ambiguous',
      `Tenant ${ref} is declared more than once, at ${places.join(
        ', ',
      )}; leave one of them`,
      { places },
    );
  }
  const shared = tenants.filter(isSame);
  if (shared.length > 1) {
    throw refuseShared(shared, ref);
  }
  requireOnlyUser(tenant, rendered, target);
  if (snapshot.files[tenant.path].content.length > MAX_YAML_LENGTH) {
    throw new Refused(
      'too-large',
      `${placeOf(tenant)} is too large to be edited (over ${
        MAX_YAML_LENGTH / 1024
      } KiB); give the Tenant a file of its own`,
      { places: [placeOf(tenant)] },
    );
  }
  const doubt = tenant.doubts.find(
    ({ lists: doubted }) =>
      !doubted || doubted.some(name => lists.includes(name)),
  );
  if (doubt) {
    throw new Refused(
      'tenant-elsewhere',
      `${doubt.by} ${
        doubt.what
      }, so it cannot be told whether an entry in ${placeOf(
        tenant,
      )} reaches Tenant ${ref}; keep the list in the manifest alone`,
      { places: [doubt.by, placeOf(tenant)] },
    );
  }
  return {
    object: tenant,
    buckets: readList(
      snapshot,
      tenant,
      createSubstitution(target.build, tenant),
    ),
  };
}

function isTenant({ group, kind }: RenderedObject): boolean {
  return group === 'rustfs.com' && kind === 'Tenant';
}

/** Whether an object is the Tenant of a target once it is in the cluster. */
function identify(
  object: RenderedObject,
  { tenant, build }: DeclarationTarget,
): 'the same' | 'perhaps' | 'another' {
  const substitute = createSubstitution(build, object);
  const name = substitute(nameOf(object));
  // Without any the engine's own namespace applies.
  const namespace = substitute(namespaceOf(object) ?? tenant.namespace);
  const isCertain = object.doubts.every(({ kind }) => kind !== 'identity');
  const isElsewhere = !namespace.fits(tenant.namespace);
  if (isCertain && (!name.fits(tenant.name) || (isElsewhere && build))) {
    return 'another';
  }
  if (isElsewhere) {
    return 'perhaps';
  }
  return isCertain && name.text !== undefined && namespace.text !== undefined
    ? 'the same'
    : 'perhaps';
}

/** One manifest from which overlays make several objects: an entry would be added to all of them. */
function refuseShared(shared: RenderedObject[], ref: string): Refused {
  const [first] = shared;
  const fromEnd = (list: Kustomization[], i: number) => list.at(-1 - i);
  const isCommon = (_: unknown, i: number) =>
    shared.every(
      ({ through }) =>
        fromEnd(through, i)?.folder === fromEnd(first.through, i)?.folder,
    );
  const firstOther = first.through.findIndex(
    (kustomization, i) => !isCommon(kustomization, i),
  );
  const common = firstOther < 0 ? first.through.length : firstOther;
  const what =
    common > 0 ? fromEnd(first.through, common - 1)!.folder : first.path;
  const users = [
    ...new Set(
      shared.map(
        ({ through }) => fromEnd(through, common)?.folder ?? 'the folder',
      ),
    ),
  ];
  const made = [
    ...new Set(
      shared.map(object =>
        [namespaceOf(object), nameOf(object)].filter(Boolean).join('/'),
      ),
    ),
  ];
  return new Refused(
    'tenant-shared',
    `${placeOf(first)} declares Tenant ${ref} and is applied ${
      shared.length
    } times: ${what} is used ${
      users.length > 1 ? `by ${users.join(' and ')}` : 'more than once'
    } (for ${made.join(
      ', ',
    )}), so an entry would be added to each; give each Tenant a manifest of its own`,
    { places: [placeOf(first), ...users] },
  );
}

function refuseNotFound(
  { snapshot, files, elsewhere, leftOut, folder }: RenderedTarget,
  tenants: RenderedObject[],
  target: DeclarationTarget,
): Refused {
  const ref = stringifyTenantRef(target.tenant);
  const where = `${folder || 'the repository'} on ${target.baseBranch}`;
  const paths = Object.keys(snapshot.files);
  if (paths.length === 0) {
    return new Refused(
      'tenant-not-found',
      `There is no YAML file in ${where}, so Tenant ${ref} cannot be found`,
    );
  }
  const source = elsewhere.length
    ? `; it may come from ${elsewhere.join(
        ', ',
      )}, which the portal does not edit`
    : '';
  const perhaps = tenants.find(
    object => identify(object, target) === 'perhaps',
  );
  if (perhaps) {
    const [doubt] = perhaps.doubts;
    const why = doubt
      ? `${doubt.by} ${doubt.what}`
      : 'Flux substitutes variables in it, or moves it to another namespace, in a way that the portal does not know';
    return new Refused(
      'tenant-elsewhere',
      `${placeOf(perhaps)} declares Tenant ${writeName(
        perhaps,
      )}, and ${why}, so it cannot be told whether it is ${ref}; write name and namespace into the manifest`,
      { places: [placeOf(perhaps), ...(doubt ? [doubt.by] : [])] },
    );
  }
  const unused = findUnused(snapshot, files, target);
  if (unused) {
    return new Refused(
      'tenant-elsewhere',
      `${placeOf(
        unused,
      )} is about Tenant ${ref}, but no kustomization lists it as a resource${source}`,
      { places: [placeOf(unused)] },
    );
  }
  const skipped = Object.entries(snapshot.skipped ?? {});
  if (skipped.length) {
    return new Refused(
      'too-large',
      `Tenant ${ref} was not found in ${where}; not read: ${skipped
        .map(([path, reason]) => `${path}:1 (${reason})`)
        .join(', ')}`,
      { places: skipped.map(([path]) => `${path}:1`) },
    );
  }
  const others = tenants.map(
    object => `${placeOf(object)} declares ${writeName(object)}`,
  );
  const hints = [
    ...others.slice(0, 5),
    ...leftOut.slice(0, 5).map(path => `${path} is left out by .sourceignore`),
  ];
  return new Refused(
    source ? 'tenant-elsewhere' : 'tenant-not-found',
    `No file in ${where} declares Tenant ${ref} (apiVersion rustfs.com/…)${source}${
      hints.length ? `; ${hints.join(', ')}` : ''
    }`,
    {
      places: tenants.map(placeOf),
      // A base in another folder of the same repository.
      ...(!snapshot.whole &&
        elsewhere.some(entry => entry.startsWith('../')) && {
          wider: true as const,
        }),
    },
  );
}

/** As the files have it, after the kustomizations; variables that Flux substitutes stay. */
function writeName(object: RenderedObject): string {
  return [namespaceOf(object), nameOf(object)].filter(Boolean).join('/');
}

/** A manifest that is there and does not take part. */
function findUnused(
  snapshot: RepositorySnapshot,
  used: Set<string>,
  target: DeclarationTarget,
): RenderedObject | undefined {
  return Object.keys(snapshot.files)
    .filter(
      path => !used.has(path) && mayHoldTenant(snapshot.files[path].content),
    )
    .flatMap(path => {
      try {
        return readObjects(snapshot, path).flatMap(
          ({ manifest, ...place }) =>
            toObject(manifest, { ...place, path, through: [] }) ?? [],
        );
      } catch {
        return [];
      }
    })
    .find(
      object => isTenant(object) && identify(object, target) === 'the same',
    );
}
