export { bookOf } from '#libs/verify';
export * from './after-the-answer.js';
export * from './identifiers.js';
export * from './ports.js';
export * from './qr-codes.js';
export * from './subject.decider.js';
export * from './subject.errors.js';
export * from './subject.events.js';
export { readSubject } from './subject.stream.js';
