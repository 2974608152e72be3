export { fluxEngine } from './fluxEngine';
