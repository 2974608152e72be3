export * from './readEntityStorage';
export * from './RequestDoor';
