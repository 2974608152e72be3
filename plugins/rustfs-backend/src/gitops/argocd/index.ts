export { argocdEngine } from './argocdEngine';
