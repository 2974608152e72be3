export { enableSetup } from './enableSetup';
export type { EnableSetupInput } from './input';
