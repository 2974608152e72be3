export * from './Delivery';
export * from './flux';
