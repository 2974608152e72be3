export * from './createInventory';
export * from './entityStorage';
export * from './Inventory';
export * from './problemsAbout';
export * from './MisplacedRecords';
