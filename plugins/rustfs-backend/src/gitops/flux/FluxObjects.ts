import { EngineState, SourcedPlace } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import {
  GitRepositoryObject,
  gitRepositorySchema,
  KustomizationObject,
  kustomizationSchema,
} from './objects';

/** What Flux reports for a folder. */
export interface FluxObjects {
  kustomization: KustomizationObject;
  gitRepository: GitRepositoryObject;
}

export const FLUX = 'flux';

const objectsSchema: z.ZodType<FluxObjects> = z.object({
  kustomization: kustomizationSchema,
  gitRepository: gitRepositorySchema,
});

/** What Flux says, for {@link fluxObjectsOf}. */
export function toEngineState(state: FluxObjects): EngineState {
  return { engine: FLUX, state };
}

/** The objects of Flux that bring a folder into a cluster; undefined where Flux does not, or does not say. */
export function fluxObjectsOf(
  place: SourcedPlace | undefined,
): FluxObjects | undefined {
  return place?.said?.engine === FLUX
    ? objectsSchema.safeParse(place.said.state).data
    : undefined;
}
