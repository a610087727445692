import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const output = fileURLToPath(new URL('./output/', import.meta.url));

/** Of the page: notes what a live region says, when it says it. */
const listen = `{
  globalThis.announced = [];
  const live = '[role=status], [role=alert], [role=timer], [aria-live]';
  const spoken = (node) => {
    if (node.nodeType === 3) return node.textContent;
    if (node.nodeType !== 1 || node.ariaHidden === 'true' || node.matches('[role=timer]')) return '';
    return [...node.childNodes].map(spoken).join(' ');
  };
  const note = (node) => {
    const said = spoken(node).replace(/\\s+/g, ' ').trim();
    if (said !== '') announced.push(said);
  };
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      const region = element?.closest(live);
      const isTold = region != null && !region.matches('[role=timer], [aria-live=off]');
      if (isTold && type === 'characterData') note(target);
      for (const node of addedNodes) {
        const alerts = node.nodeType === 1 ? [node, ...node.querySelectorAll('*')] : [];
        if (isTold) note(node);
        else for (const one of alerts) if (one.matches('[role=alert]')) note(one);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}`;

/** One step of a page, as a screen reader has it. */
interface Heard {
  /** The accessibility tree, a line an element. */
  readonly tree: string;
  /** What live regions said since the step before. */
  readonly said: readonly string[];
}

/** What a person hears on the way through a page, kept under test/browser/output. */
export class Transcript {
  #text = '';

  private constructor(
    private readonly page: Page,
    private readonly name: string,
  ) {}

  static async of(page: Page, name: string): Promise<Transcript> {
    await page.evaluate(listen);
    return new Transcript(page, name);
  }

  async step(what: string): Promise<Heard> {
    const tree = await this.page.locator('body').ariaSnapshot();
    const said = await this.page.evaluate<string[]>('announced.splice(0)');
    const told = said.map((text) => `  says: ${text}\n`).join('');
    this.#text += `== ${what}\n${told}${tree}\n\n`;
    await mkdir(output, { recursive: true });
    await writeFile(`${output}transcript-${this.name}.txt`, this.#text);
    return { tree, said };
  }
}
