import tseslint from 'typescript-eslint';

/** Ends of sentences: a stop before a capital, a code word or the end of the text. */
const sentenceEnd = /[.!?](?=\s+[A-Z`]|$)/g;

/** What a comment says before its first line of `@param`, `@returns` or `@throws`. */
const prose = (text) =>
  text
    .replace(/^\s*\* ?/gm, '')
    .split(/^\s*@/m)[0]
    .replace(/\s+/g, ' ')
    .trim();

/**
 * Comments end at 100 columns, which Prettier leaves as they are, and have two sentences at most.
 * Directives of a tool are one line.
 */
const comments = {
  create: (context) => ({
    Program() {
      const { lines } = context.sourceCode;
      const own = context.sourceCode
        .getAllComments()
        .filter(({ value }) => !/^\s*(eslint-|@ts-|prettier-ignore)/.test(value));
      for (const { loc } of own)
        for (let line = loc.start.line; line <= loc.end.line; line++)
          if (lines[line - 1].length > 100)
            context.report({
              loc: { line, column: 100 },
              message: 'A comment ends at 100 columns.',
            });

      const isAlone = ({ loc }) =>
        lines[loc.start.line - 1].slice(0, loc.start.column).trim() === '';
      const texts = [];
      for (const { type, value, loc } of own) {
        const last = texts.at(-1);
        const goesOn =
          type === 'Line' &&
          last?.type === 'Line' &&
          last.end === loc.start.line - 1 &&
          isAlone({ loc });
        if (goesOn) Object.assign(last, { end: loc.end.line, value: `${last.value}\n${value}` });
        else texts.push({ type, value, loc, end: loc.end.line });
      }
      for (const { value, loc } of texts)
        if ((prose(value).match(sentenceEnd) ?? []).length > 2)
          context.report({
            loc,
            message: 'A comment has two sentences at most: what is not a reason is left out.',
          });
    },
  }),
};

/**
 * No rule is about what is generated; it is not left out, because a checked list of changed files
 * may name it.
 */
const generated = 'libs/api-client/schema.d.ts';
const written = { files: ['**/*.{ts,tsx}'], ignores: [generated] };

/** Type-checked strict rules; each exception says why it is one. */
export default tseslint.config(
  { ignores: ['dist/', 'data/', 'node_modules/', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, ...written })),
  { files: [generated], languageOptions: { parser: tseslint.parser } },
  {
    ...written,
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { house: { rules: { comments } } },
    rules: {
      'house/comments': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      // Answers are literals of the shape that a DTO class describes to OpenAPI; nobody calls its
      // constructor.
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
