import type { Schemas } from '#libs/api-client';
import type { Language } from '../../shared/language.tsx';
import { readNotice } from './notice.ts';

type Consent = Schemas['HolderConsentDto'];

/** Names of codes, as the texts say that the holder was shown. */
export interface Names {
  readonly material: (code: string) => string;
  readonly type: (code: string) => string;
  readonly field: (type: string, key: string) => string;
  /** Of the department that asked by this consent. */
  readonly department: (consent: string, name: string) => string;
  readonly matter: (consent: string, purpose: string) => string;
}

/** A code without a name in any of the texts is shown as it is. */
export function namesOf(consents: readonly Consent[], language: Language): Names {
  const materials = new Map<string, string>();
  const types = new Map<string, string>();
  const fields = new Map<string, string>();
  const departments = new Map<string, string>();
  const matters = new Map<string, string>();
  for (const consent of consents) {
    const asked = readNotice(consent, language);
    if (asked === null) continue;
    departments.set(consent.consent, asked.department);
    matters.set(consent.consent, asked.matter);
    consent.asks.forEach((ask, n) => {
      const told = asked.materials[n];
      if (told === undefined) return;
      materials.set(ask.material, told.name);
      ask.answers.forEach((answer, k) => {
        types.set(answer.type, told.answers[k]?.type ?? answer.type);
        answer.fields.forEach((key, f) => {
          const name = told.answers[k]?.fields[f];
          if (name !== undefined) fields.set(`${answer.type} ${key}`, name);
        });
      });
    });
  }
  return {
    material: (code) => materials.get(code) ?? code,
    type: (code) => types.get(code) ?? code,
    field: (type, key) => fields.get(`${type} ${key}`) ?? key,
    department: (consent, name) => departments.get(consent) ?? name,
    matter: (consent, purpose) => matters.get(consent) ?? purpose,
  };
}

/** How a window is called: `3 号窗口`, `Window 3`. */
export function windowName(window: string, language: Language): string {
  if (/窗口$|^window/i.test(window)) return window;
  if (language === 'en') return `Window ${window}`;
  return /^\d+$/.test(window) ? `${window} 号窗口` : `${window} 窗口`;
}
