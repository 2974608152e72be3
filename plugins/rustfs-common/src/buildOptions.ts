/**
 * Which objects a patch is for, as kustomize and Flux write it: group, version, kind, name and namespace are regular
 * expressions that have to match as a whole; what is absent matches everything.
 *
 * @public
 */
export interface PatchTarget {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

/**
 * What a GitOps engine does to a folder beyond what its files say: mostly fields of the same names in the spec of
 * a Flux Kustomization, and what its source leaves out.
 *
 * @public
 */
export interface BuildOptions {
  /** How what applies the folder is called in words, after "the": `Argo CD Application`. Default: `Flux Kustomization`. */
  by?: string;
  /**
   * Of a folder without a kustomization: which of its files are applied, as they are; patterns are for paths from the folder.
   * Undefined: every YAML file below it, and what kustomizations below it say, as Flux has it.
   */
  directory?: { recurse: boolean; include?: string; exclude?: string };
  /** Overrides `namespace` of the kustomization in the folder. */
  targetNamespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  /** Inline patches that follow those of the kustomization in the folder. */
  patches?: Array<{ patch: string; target?: PatchTarget }>;
  /** Paths of kustomize components, relative to the folder. */
  components?: string[];
  ignoreMissingComponents?: boolean;
  /** Labels and annotations that everything gets at the end. */
  commonMetadata?: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  /** Undefined: nothing is substituted. */
  postBuild?: {
    substitute?: Record<string, string>;
    /** ConfigMaps and Secrets whose values nobody here knows; `substitute` wins over them. */
    substituteFrom?: Array<{ kind: string; name: string }>;
  };
  /** It decrypts what SOPS has encrypted. */
  decrypts?: boolean;
  /**
   * Patterns of the source, one a line, as in a `.sourceignore`: what they match does not reach the cluster. False: no file
   * is left out, whatever such files say.
   */
  sourceIgnore?: string | false;
}
