export { startKubernetesApi } from './startKubernetesApi';
export type {
  KubernetesApi,
  KubernetesApiFaults,
  KubernetesApiOptions,
} from './startKubernetesApi';
export type {
  CustomKind,
  KubernetesApiLogger,
  Rule,
  TokenGrant,
} from './types';
