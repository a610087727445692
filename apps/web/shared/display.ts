/** What the holder's display shows: what is asked, never what was answered. */
export type Shown = ShownIdle | ShownRequest;

interface ShownIdle extends ShownPlace {
  readonly is: 'idle';
}

interface ShownPlace {
  readonly department: string;
  readonly window: string;
  /** Of the case on the desk; null where it has none. */
  readonly queueNumber: string | null;
}

export interface ShownRequest extends ShownPlace {
  readonly is: 'request';
  readonly matter: Named;
  readonly asks: readonly (Named & { readonly fields: readonly Named[] })[];
  /** The two digits that the holder types; null where the phone's code was scanned. */
  readonly number: string | null;
  /** Text of the QR code that the holder's phone may scan instead; null with the number. */
  readonly qr: string | null;
  /** RFC 3339. */
  readonly answerBy: string;
  readonly state: ShownState;
}

export type ShownState =
  'waiting' | 'granted' | 'received' | 'refused' | 'withdrawn' | 'expired' | 'withheld';

/** A name of the catalogue; the English one is the Chinese where there is none. */
export interface Named {
  readonly zh: string;
  readonly en: string;
}

const channelName = 'holder-display';
/** Milliseconds between two messages of the window, by which the display knows that it is there. */
const beat = 2000;
/** After so many milliseconds without one the display clears itself. */
const silence = 3 * beat + 1000;

/** The window's end: repeats the last thing shown, so that a display opened later has it. */
export class DisplayFeed {
  readonly #channel = new BroadcastChannel(channelName);
  readonly #timer = setInterval(() => {
    this.#send();
  }, beat);
  #shown: Shown | null = null;
  #open = true;

  show(shown: Shown): void {
    this.#shown = shown;
    this.#send();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#timer);
    this.#channel.postMessage(null);
    this.#channel.close();
  }

  #send(): void {
    if (this.#open && this.#shown !== null) this.#channel.postMessage(this.#shown);
  }
}

/**
 * The display's end.
 * @param show null where no window page is open any more
 * @returns ends it
 */
export function followDisplay(show: (shown: Shown | null) => void): () => void {
  const channel = new BroadcastChannel(channelName);
  let timer: ReturnType<typeof setTimeout> | undefined;
  channel.onmessage = ({ data }: MessageEvent<Shown | null>) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      show(null);
    }, silence);
    show(data);
  };
  return () => {
    clearTimeout(timer);
    channel.close();
  };
}
