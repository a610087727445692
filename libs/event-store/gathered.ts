/**
 * Questions of one moment, asked together: while one statement is on its way, what is asked
 * meanwhile waits for the next. Each answer is of a statement that began after its question.
 */
export class Gathered<Question, Answer> {
  #waiting: {
    readonly questions: readonly Question[];
    readonly resolve: (answers: readonly Answer[]) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #running = false;

  /** @param ask answers in the order of the questions */
  constructor(
    private readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    private readonly atMost = 1000,
  ) {}

  of(questions: readonly Question[]): Promise<readonly Answer[]> {
    if (questions.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ questions, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // After all who ask in this turn of the event loop.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const asked = this.#take();
      try {
        const answers = await this.ask(asked.flatMap(({ questions }) => questions));
        let at = 0;
        for (const { questions, resolve } of asked)
          resolve(answers.slice(at, (at += questions.length)));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    this.#running = false;
  }

  #take() {
    let count = 0;
    let questions = 0;
    for (const each of this.#waiting) {
      if (count > 0 && questions + each.questions.length > this.atMost) break;
      count++;
      questions += each.questions.length;
    }
    return this.#waiting.splice(0, count);
  }
}
