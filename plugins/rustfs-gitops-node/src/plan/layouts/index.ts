export * from './Layout';
export * from './Layouts';
