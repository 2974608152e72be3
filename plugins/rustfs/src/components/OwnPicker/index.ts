export * from './OwnPicker';
