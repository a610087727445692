import tseslint from 'typescript-eslint';

/** Type-checked strict rules; each exception says why it is one. */
export default tseslint.config(
  { ignores: ['dist/', 'data/', 'node_modules/', 'libs/api-client/schema.d.ts', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      // Answers are literals of the shape that a DTO class describes to OpenAPI; nobody calls its constructor.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Nest modules and TypeORM entities are classes that carry decorators only.
      '@typescript-eslint/no-extraneous-class': 'off',
      // Numbers read plainly in messages.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "ThrowStatement > NewExpression[callee.name='Error']",
          message: 'Callers switch on codes: throw a class of the kernel error families.',
        },
      ],
    },
  },
  {
    // Test code: suites speak to the console of nobody, and build broken values on purpose.
    files: ['test/**/*.ts', '**/*.test.ts', '**/*.contract.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
