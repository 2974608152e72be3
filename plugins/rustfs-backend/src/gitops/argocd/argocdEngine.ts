import { GitOpsEngine } from '@rustfs-portal/plugin-rustfs-node';
import { ApplicationObject } from './ApplicationObject';
import { applicationStateOf, ARGOCD } from './ApplicationState';
import { cleanMessage } from './cleanMessage';
import { describeDelivery } from './describeDelivery';
import { Applications } from './locate';
import { placeNewFolder } from './placeNewFolder';
import { appliedCommitsOf, revisionsOf } from './revisions';
import { APPLICATION, findAppliedBy } from './tracking';

const APPLICATIONS = {
  api: '/apis/argoproj.io/v1alpha1',
  resource: 'applications',
};

/** Applications of Argo CD: folders of manifests with or without kustomize; charts are recognised, and not edited. */
export const argocdEngine: GitOpsEngine = {
  id: ARGOCD,
  title: 'Argo CD',
  kinds: [APPLICATION],
  findAppliedBy,
  async read(cluster) {
    const applications = new Applications(
      await cluster.list(APPLICATIONS),
      cluster.destination,
      cluster.namespace,
    );
    return {
      locate: object => applications.locate(object),
      locateFrom: appliedBy => applications.locateFrom(appliedBy),
      whyNotApplied: name => {
        const found = applications.find({ kind: APPLICATION, name });
        return found && 'metadata' in found ? whyNotApplied(found) : undefined;
      },
      // New Applications lie where those are declared that are there.
      describeInstallations: async objects =>
        objects.map(object => ({
          installedAt:
            withLink(applications.locateParent(object).place) ??
            applications.locate(object).place,
        })),
    };
  },
  revisionsOf(place) {
    const state = applicationStateOf(place);
    return state ? revisionsOf(state) : [];
  },
  appliedCommitsOf(place) {
    const state = applicationStateOf(place);
    return state ? appliedCommitsOf(state) : [];
  },
  deliver(place, merged) {
    const state = applicationStateOf(place);
    return state && describeDelivery(state, merged);
  },
  placeNewFolder,
  hints: {
    ComparisonError:
      'Argo CD cannot make the manifests of the newest commit. Read the message, mend the files in a new pull request; it looks again by itself.',
    DeletionPending:
      'Ask the platform team whether the Application is meant to go; the request goes on once another one applies the folder.',
    HookFailed:
      'A hook of the Application has failed, and Argo CD does not try this commit again. Mend what the message names, then merge a new commit, or have somebody press Sync.',
    HydrationFailed:
      'Argo CD cannot render the manifests into their branch. Read the message, mend the files in a new pull request.',
    InvalidSpecError:
      'The platform team mends the Application or its project: which destinations, repositories and kinds it allows. Argo CD looks again by itself.',
    SyncFailed:
      'The cluster refused what the message names; the other objects are applied. Argo CD does not try this commit again: mend it in a new pull request, or have somebody press Sync once the cause is gone.',
    SyncError:
      'Argo CD does not go on by itself. Mend what the message names in a new pull request, or have somebody press Sync.',
    UnknownError:
      'The platform team mends the Application, or what Argo CD may do with it: the namespaces of its project. Argo CD looks again by itself.',
  },
  otherHint: 'Ask the platform team to look at the Application in Argo CD.',
};

function withLink<T extends { link?: unknown }>(place: T | undefined) {
  return place?.link ? place : undefined;
}

/** Why an Application has not applied its folder, in the words of Argo CD. */
function whyNotApplied({
  metadata,
  status,
}: ApplicationObject): string | undefined {
  const condition = status?.conditions?.find(({ type }) => /Error$/.test(type));
  const state = status?.operationState;
  const words =
    condition?.message ??
    (state && state.phase !== 'Succeeded' ? state.message : undefined);
  return words
    ? `Application ${metadata.namespace}/${metadata.name}: ${cleanMessage(
        words,
      )}`
    : undefined;
}
