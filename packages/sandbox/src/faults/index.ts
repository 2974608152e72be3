export { faultSchema } from './schema';
export type { Fault } from './schema';
export { startControl } from './startControl';
export type { Control } from './startControl';
