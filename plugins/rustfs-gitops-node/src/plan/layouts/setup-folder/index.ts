export { setupFolder } from './setupFolder';
