import { RequestEvent } from '@rustfs-portal/plugin-rustfs-common';
import {
  EngineDelivery,
  FolderApplier,
  GitOpsEngine,
  MergedCommit,
  SourcedPlace,
} from '@rustfs-portal/plugin-rustfs-node';
import { argocdEngine } from './argocd';
import { fluxEngine } from './flux';

/** The engines that come with the plugin; modules add others. The first one that has written on an object has it. */
export const ENGINES: readonly GitOpsEngine[] = [fluxEngine, argocdEngine];

/** Which of those is named when an engine says something of a request. */
const SOURCES: Record<string, RequestEvent['source']> = {
  flux: 'flux',
  argocd: 'argocd',
};

/** How a request names an engine that says something of it. */
export function sourceOf(engine: string | undefined): RequestEvent['source'] {
  return (engine && SOURCES[engine]) || 'engine';
}

/** Everybody whom {@link sourceOf} names: a place may be given to another engine while a request is on its way. */
export const ENGINE_SOURCES: readonly RequestEvent['source'][] = [
  ...Object.values(SOURCES),
  'engine',
];

/** The engines by their ids, for what they say of places. */
export class GitOpsEngines {
  readonly all: readonly GitOpsEngine[];

  constructor(added: readonly GitOpsEngine[] = []) {
    this.all = [...ENGINES, ...added];
  }

  /** The engine that says something of a place. */
  of(place: SourcedPlace | undefined): GitOpsEngine | undefined {
    return this.get(place?.said?.engine);
  }

  get(id: string | undefined): GitOpsEngine | undefined {
    return this.all.find(engine => engine.id === id);
  }

  /** For words: `Flux`. */
  titleOf(id: string | undefined): string {
    return this.get(id)?.title ?? 'The GitOps engine';
  }

  revisionsOf(place: SourcedPlace): string[] {
    return this.of(place)?.revisionsOf(place) ?? [];
  }

  appliedCommitsOf(place: SourcedPlace): string[] {
    return this.of(place)?.appliedCommitsOf(place) ?? [];
  }

  /** How far the engine of a place is with what was merged; undefined where no engine says. */
  deliver(
    place: SourcedPlace,
    merged: MergedCommit,
  ): (EngineDelivery & { engine: string }) | undefined {
    const engine = this.of(place);
    const delivery = engine?.deliver(place, merged);
    if (!engine || !delivery) {
      return undefined;
    }
    return delivery.state === 'failed'
      ? {
          ...delivery,
          hint:
            delivery.hint ??
            engine.hints?.[delivery.reason] ??
            engine.otherHint,
          engine: engine.id,
        }
      : { ...delivery, engine: engine.id };
  }

  placeNewFolder(
    place: SourcedPlace,
    options: Parameters<GitOpsEngine['placeNewFolder']>[1],
  ): FolderApplier | undefined {
    return this.of(place)?.placeNewFolder(place, options);
  }
}
