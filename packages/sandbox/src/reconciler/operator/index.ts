export { OperatorController } from './OperatorController';
export { policyHash } from './policyDocument';
export { RustfsAdmin } from './RustfsAdmin';
export type { ItemKind, Refusal } from './types';
