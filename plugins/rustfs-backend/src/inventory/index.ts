export * from './createInventory';
export { endpointFor } from './endpointFor';
export * from './entityStorage';
export * from './Inventory';
export * from './problemsAbout';
export * from './MisplacedRecords';
