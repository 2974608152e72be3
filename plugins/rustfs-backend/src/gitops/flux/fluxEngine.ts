import { GitOpsEngine } from '@rustfs-portal/plugin-rustfs-node';
import { conditionOf } from '../../kubernetes';
import { itemsOf } from '../ObjectList';
import { withoutSecrets } from '../withoutSecrets';
import {
  appliedCommitsOf,
  describeDelivery,
  revisionsOf,
} from './describeDelivery';
import { FLUX, fluxObjectsOf } from './FluxObjects';
import { describeInstallations } from './helmRelease';
import { findAppliedBy, locateFrom, locateObject } from './locate';
import { placeNewFolder } from './placeNewFolder';
import { FluxReading, readFlux } from './readFlux';

/** Kustomizations of Flux, which apply folders of GitRepositories; a HelmRelease is read, and not edited. */
export const fluxEngine: GitOpsEngine = {
  id: FLUX,
  title: 'Flux',
  kinds: ['Kustomization'],
  findAppliedBy,
  async read(cluster) {
    const flux = await readFlux(cluster);
    return {
      locate: object => locateObject(object, flux),
      locateFrom: appliedBy => locateFrom(appliedBy, flux),
      whyNotApplied: name => whyNotApplied(name, flux),
      describeInstallations: objects =>
        describeInstallations(cluster, flux, objects),
    };
  },
  revisionsOf(place) {
    const flux = fluxObjectsOf(place);
    return flux ? revisionsOf(flux) : [];
  },
  appliedCommitsOf(place) {
    const flux = fluxObjectsOf(place);
    return flux ? appliedCommitsOf(flux) : [];
  },
  deliver(place, { branch, isIn }) {
    const flux = fluxObjectsOf(place);
    return flux && describeDelivery(flux, isIn, branch);
  },
  placeNewFolder,
  hints: {
    BuildFailed:
      'Flux cannot render the folder. Read the message, mend the files in a new pull request; Flux tries again by itself.',
    ReconciliationFailed:
      'The cluster refused one of the manifests, so nothing of this revision was applied. Mend the named object in a new pull request.',
    ArtifactFailed:
      'Flux cannot find the folder or its source. Ask the platform team to look at the Kustomization.',
  },
  otherHint:
    'Ask the platform team to look at the Kustomization; Flux tries again by itself.',
};

function whyNotApplied(
  name: string,
  { kustomizations }: FluxReading,
): string | undefined {
  const found = itemsOf(kustomizations).find(
    ({ metadata }) => metadata.name === name,
  );
  const ready = found && conditionOf(found, 'Ready');
  return ready && ready.status !== 'True' && ready.message
    ? `Kustomization ${found.metadata.namespace}/${name}: ${withoutSecrets(
        ready.message,
      )}`
    : undefined;
}
