export { createBlueprintLayout } from './blueprint';
