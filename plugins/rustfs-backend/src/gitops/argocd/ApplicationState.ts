import { EngineState, SourcedPlace } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import {
  ApplicationObject,
  ApplicationResource,
  applicationSchema,
} from './ApplicationObject';

export const ARGOCD = 'argocd';

/** Objects that are named at most, of the hundreds that an Application may have. */
const MAX_NAMED = 20;

const stateSchema = z.object({
  application: applicationSchema,
  /** It applies into another cluster than that of Argo CD. */
  isRemote: z.boolean(),
  /** Which of its sources has the files. */
  sourceIndex: z.number(),
  /** Of the parent in an app of apps: the Application beside which another one would be put. */
  child: z
    .object({
      namespace: z.string(),
      project: z.string(),
      destination: z.object({
        server: z.string().optional(),
        name: z.string().optional(),
      }),
    })
    .optional(),
  /** The object that led here. */
  object: z
    .object({
      kind: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
});

/** What Argo CD says of a place. */
export type ApplicationState = z.output<typeof stateSchema>;

export function toEngineState(state: ApplicationState): EngineState {
  return { engine: ARGOCD, state: shorten(state) };
}

/** The Application that brings a folder into a cluster; undefined where Argo CD does not. */
export function applicationStateOf(
  place: SourcedPlace | undefined,
): ApplicationState | undefined {
  return place?.said?.engine === ARGOCD
    ? stateSchema.safeParse(place.said.state).data
    : undefined;
}

/** The entry of the object that led to the Application, in the list of what that has. */
export function ownResourceOf({
  application: { status },
  object,
}: ApplicationState): ApplicationResource | undefined {
  return object && status?.resources?.find(entry => isEntryOf(entry, object));
}

export function isEntryOf(
  entry: ApplicationResource,
  object: { kind?: string; namespace?: string; name?: string },
): boolean {
  return (
    entry.name === object.name &&
    (entry.namespace ?? '') === (object.namespace ?? '') &&
    (object.kind === undefined || entry.kind === object.kind)
  );
}

/** What is kept in the shared cache for each tenant: of long lists only what is said of something. */
function shorten(state: ApplicationState): ApplicationState {
  const { application, object } = state;
  const { status } = application;
  if (!status) {
    return state;
  }
  const { operationState, resources = [] } = status;
  const own = resources.filter(entry => object && isEntryOf(entry, object));
  const others = resources.filter(
    entry => entry.status === 'OutOfSync' && !own.includes(entry),
  );
  const result = operationState?.syncResult;
  return {
    ...state,
    application: {
      ...application,
      status: {
        ...status,
        resources: [...own, ...others.slice(0, MAX_NAMED)],
        operationState: operationState && {
          ...operationState,
          syncResult: result && {
            ...result,
            resources: result.resources?.filter(isFailed).slice(0, MAX_NAMED),
          },
        },
      },
    },
  };
}

type Result = NonNullable<
  NonNullable<
    NonNullable<
      NonNullable<ApplicationObject['status']>['operationState']
    >['syncResult']
  >['resources']
>[number];

/** Whether a step of a sync has failed; `hookPhase` of an ordinary object says nothing. */
export function isFailed({ hookPhase, hookType, status }: Result): boolean {
  return (
    status === 'SyncFailed' ||
    (hookType !== undefined &&
      (hookPhase === 'Failed' || hookPhase === 'Error'))
  );
}
