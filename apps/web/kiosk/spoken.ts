import { useCallback, useEffect } from 'react';
import type { Language } from '../shared/language.tsx';

/**
 * What is said of a screen: its headings and texts, and each choice with its key.
 * @param key how a key is called: `按 1，…`
 */
export function textToSay(
  within: ParentNode,
  key: (n: number, choice: string) => string,
): readonly string[] {
  const said = [...within.querySelectorAll<HTMLElement>('[data-say]')].map(textOf);
  const choices = [...within.querySelectorAll<HTMLElement>('button[data-key]')].map((button, n) =>
    key(n + 1, textOf(button)),
  );
  return [...said, ...choices].filter((text) => text !== '');
}

const textOf = ({ textContent }: HTMLElement): string => textContent.trim().replaceAll(/\s+/g, ' ');

/** A voice of this device: what is said here must not be sent to a service elsewhere. */
const voiceOf = (language: Language): SpeechSynthesisVoice | undefined =>
  speechSynthesis
    .getVoices()
    .find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language));

/**
 * Says the screen whenever it changes.
 * @param on whether the visitor wants it; off, nothing is said
 * @param screen changes when there is something new to say
 * @returns says everything again
 */
export function useSpeech(
  on: boolean,
  screen: string,
  language: Language,
  key: (n: number, choice: string) => string,
): () => void {
  const say = useCallback(() => {
    speechSynthesis.cancel();
    const voice = voiceOf(language);
    const within = document.querySelector('dialog[open]') ?? document.querySelector('main');
    if (!on || voice === undefined || within === null) return;
    for (const text of textToSay(within, key)) {
      const one = new SpeechSynthesisUtterance(text);
      one.voice = voice;
      one.lang = voice.lang;
      speechSynthesis.speak(one);
    }
  }, [on, language, key]);
  useEffect(() => {
    say();
    return () => {
      speechSynthesis.cancel();
    };
  }, [say, screen]);
  return say;
}
