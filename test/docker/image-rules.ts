import {
  type Copy,
  DockerfileParser,
  type From,
  type Healthcheck,
  type Instruction,
} from 'dockerfile-ast';

/** What a Dockerfile is held against. */
export interface ImageSurroundings {
  /**
   * Whether the builder is given this path of the repository: it is there, and `.dockerignore` lets
   * it through.
   */
  readonly given: (path: string) => boolean;
  /** What `scripts/start.mjs` can start. */
  readonly programs: ReadonlySet<string>;
}

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

const secretName = /(PASSWORD|SECRET|TOKEN|CREDENTIAL|_KEY)$/;

/**
 * What is wrong with a Dockerfile, a sentence for each fault; none where it may be used. A stage
 * that no other stage builds on is an image.
 */
export function faultsOfImages(text: string, { given, programs }: ImageSurroundings): string[] {
  const file = DockerfileParser.parse(text);
  const stages = stagesOf(file.getInstructions());
  const names = new Set(stages.map(({ name }) => name));
  const faults: string[] = [];
  for (const stage of stages) {
    if (!names.has(stage.base) && !isPinned(stage.base))
      faults.push(`${stage.name}: ${stage.base} is not pinned to a version`);
    for (const instruction of stage.instructions)
      faults.push(
        ...faultsOfInstruction(instruction, given, names).map((f) => `${stage.name}: ${f}`),
      );
  }
  const inner = new Set(
    stages.flatMap(({ base, instructions }) => [base, ...instructions.flatMap(copiedFrom)]),
  );
  const images = stages.filter(({ name }) => !inner.has(name));
  if (images.length === 0) faults.push('there is no image');
  for (const { name } of images)
    faults.push(...faultsOfImage(lineage(stages, name), programs).map((f) => `${name}: ${f}`));
  return faults;
}

function stagesOf(instructions: readonly Instruction[]): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stages.push({
        name: from.getBuildStage() ?? `stage ${stages.length}`,
        base: from.getImage() ?? '',
        instructions: [],
      });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/**
 * A version with three numbers behind the name, or a digest: `latest`, `24` and nothing at all move
 * under one's feet.
 */
export const isPinned = (image: string): boolean =>
  /:v?\d+\.\d+(\.\d+)?[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image) && !image.includes('$');

const valuesOf = (instruction: Instruction): string[] =>
  instruction.getArguments().map((argument) => argument.getValue());

const isExecForm = (instruction: Instruction): boolean =>
  (instruction.getArgumentsContent() ?? '').trimStart().startsWith('[');

function copiedFrom(instruction: Instruction): string[] {
  if (instruction.getKeyword() !== 'COPY') return [];
  const from = (instruction as Copy).getFromFlag()?.getValue();
  return from === undefined || from === null ? [] : [from];
}

function faultsOfInstruction(
  instruction: Instruction,
  given: (path: string) => boolean,
  stages: ReadonlySet<string>,
): string[] {
  const values = valuesOf(instruction);
  switch (instruction.getKeyword()) {
    case 'ADD':
      return ['ADD fetches and unpacks; COPY says what comes in'];
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
      return [
        ...(isExecForm(instruction) ? [] : [`${instruction.getKeyword()} needs a shell`]),
        ...(/npm[", ]+(install|i)\b/.test(instruction.getArgumentsContent() ?? '')
          ? ['npm install takes what it finds; npm ci takes the lock file']
          : []),
      ];
    case 'ENV':
    case 'ARG':
      return values
        .map((value) => value.split('=')[0] ?? '')
        .filter((name) => secretName.test(name))
        .map((name) => `${name} would stand in the image for everybody to read`);
    case 'COPY': {
      const [from] = copiedFrom(instruction);
      if (from !== undefined)
        return stages.has(from) ? [] : [`COPY takes from ${from}, which is no stage`];
      return values
        .slice(0, -1)
        .filter((source) => !given(source))
        .map((source) => `COPY takes ${source}, which the builder is not given`);
    }
    default:
      return [];
  }
}

/** The stages that an image is made of, the oldest first. */
function lineage(stages: readonly Stage[], name: string): Stage[] {
  const stage = stages.find((each) => each.name === name);
  return stage === undefined ? [] : [...lineage(stages, stage.base), stage];
}

function faultsOfImage(line: readonly Stage[], programs: ReadonlySet<string>): string[] {
  const all = line.flatMap(({ instructions }) => instructions);
  const last = (keyword: string) => all.findLast((each) => each.getKeyword() === keyword);
  const faults: string[] = [];
  const user = last('USER')?.getArgumentsContent() ?? 'root';
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(user))
    faults.push(`runs as ${user}: a number that is not root's is needed`);
  if (last('HEALTHCHECK') === undefined) faults.push('nobody can ask it how it is');
  if (last('STOPSIGNAL') === undefined) faults.push('does not say how it is stopped');
  if (last('LABEL') === undefined) faults.push('does not say what it is');
  const entry = last('ENTRYPOINT');
  if (entry === undefined) return [...faults, 'starts nothing'];
  if (!/start\.mjs/.test(entry.getArgumentsContent() ?? '')) return faults;
  const health = last('HEALTHCHECK') as Healthcheck | undefined;
  if (valuesOf(health ?? entry).includes('NONE')) faults.push('a service has a health check');
  const command = last('CMD');
  const [program] =
    command !== undefined && isExecForm(command)
      ? (JSON.parse(command.getArgumentsContent() ?? '[]') as string[])
      : [];
  if (program === undefined || !programs.has(program))
    faults.push(`starts ${program ?? 'nothing'}, which scripts/start.mjs does not know`);
  return faults;
}
