export * from './Blueprint';
export * from './Blueprints';
export type { EnableSetupInput } from './enable-setup';
