/** How the contract describes the header that every POST needs. */
export const idempotencyKey = {
  name: 'Idempotency-Key',
  required: true,
  description: '16 to 128 visible ASCII characters; the same for every retry.',
  example: 'b7c1e0a4-7f0e-4a0c-9d54-2f1f3c8f6a11',
};
