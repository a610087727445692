import type { ReactNode } from 'react';
import { LanguageSwitch, useLanguage, useWords } from '../shared/language.tsx';
import { TrialMark } from '../shared/trial-mark.tsx';
import { Choosing } from './parts/choosing.tsx';
import { Help } from './parts/help.tsx';
import { Identifying } from './parts/identifying.tsx';
import { Kept } from './parts/kept.tsx';
import { Shown } from './parts/shown.tsx';
import { StillThere } from './parts/still-there.tsx';
import { Waiting } from './parts/waiting.tsx';
import type { KioskActs, KioskView } from './kiosk-view.ts';
import { mayLeave, type Printer } from './visit.ts';
import { words } from './words.ts';

/** The whole screen of a kiosk, as it follows from what is known. */
export function KioskScreen({
  view,
  acts,
}: {
  readonly view: KioskView;
  readonly acts: KioskActs;
}) {
  const text = useWords(words);
  const { visit, printer, display } = view;
  const classes = ['kiosk', display.larger && 'larger', display.contrast && 'contrast'];
  return (
    <div className={classes.filter(Boolean).join(' ')}>
      <header>
        <div>
          <h1>{text.title}</h1>
          <p>{text.subtitle}</p>
          <TrialMark />
        </div>
        <div className="switches">
          <button
            type="button"
            aria-pressed={display.larger}
            onClick={() => {
              acts.show({ larger: !display.larger });
            }}
          >
            {display.larger ? text.usual : text.larger}
          </button>
          <LanguageSwitch className="" />
          <button
            type="button"
            aria-pressed={display.contrast}
            onClick={() => {
              acts.show({ contrast: !display.contrast });
            }}
          >
            {display.contrast ? text.contrastOff : text.contrast}
          </button>
          <button
            type="button"
            aria-pressed={display.speak}
            onClick={() => {
              acts.show({ speak: !display.speak });
            }}
          >
            {display.speak ? text.speakOff : text.speak}
          </button>
        </div>
      </header>
      <main aria-live="polite">
        <State view={view} acts={acts} />
      </main>
      <footer>
        <button
          type="button"
          className="corner"
          data-act="help"
          onClick={() => {
            acts.help(true);
          }}
        >
          {text.help}
        </button>
        <PrinterState printer={printer} />
        <button
          type="button"
          className="corner"
          data-act="leave"
          disabled={!mayLeave(visit)}
          onClick={acts.leave}
        >
          {text.leave}
        </button>
      </footer>
      {view.help === null ? null : <Help help={view.help} acts={acts} />}
      {view.wipedIn === null ? null : <StillThere seconds={view.wipedIn} acts={acts} />}
    </div>
  );
}

function State({ view, acts }: { readonly view: KioskView; readonly acts: KioskActs }): ReactNode {
  const text = useWords(words);
  const language = useLanguage();
  const { visit, choices, pinTries, saveAt } = view;
  switch (visit.is) {
    case 'choosing':
      return <Choosing list={visit.list} choices={choices} acts={acts} />;
    case 'identifying':
      return <Identifying visit={visit} pinTries={pinTries} acts={acts} />;
    case 'opening':
      return (
        <Shown title={text.opening} busy>
          {visit.choice[language]}
        </Shown>
      );
    case 'waiting':
      return <Waiting asked={visit.asked} />;
    case 'issuing':
      return (
        <Shown title={text.issuing} busy>
          {text.issuingFor}
        </Shown>
      );
    case 'printing':
      return (
        <Shown title={text.printing(visit.page, visit.pages)} busy>
          {text.printingFor}
        </Shown>
      );
    case 'printed':
      return (
        <Shown title={text.printed} mark="done">
          <p>{text.printedFor(visit.pages)}</p>
          <div className="pair">
            <button type="button" className="large" data-act="not-taken" onClick={acts.notTaken}>
              {text.notTaken}
            </button>
            <button type="button" className="large primary" data-act="main" onClick={acts.leave}>
              {text.leave}
            </button>
          </div>
        </Shown>
      );
    case 'kept':
      return <Kept visit={visit} saveAt={saveAt} acts={acts} />;
    case 'unprintable':
      return (
        <Shown title={text.hindered[visit.by]} mark="hindered">
          <p>{text.unprintable}</p>
          <button type="button" className="large primary" data-act="main" onClick={acts.leave}>
            {text.back}
          </button>
        </Shown>
      );
    case 'ended': {
      const [title, more] = text.ended[visit.by];
      return (
        <Shown
          title={title}
          mark={visit.by === 'refused' || visit.by === 'withdrawn' ? 'over' : 'hindered'}
        >
          <p>{more}</p>
          <button type="button" className="large primary" data-act="main" onClick={acts.leave}>
            {text.more}
          </button>
        </Shown>
      );
    }
  }
}

/** Word, shape and colour: the printer as it was told last. */
function PrinterState({ printer }: { readonly printer: Printer | null }) {
  const text = useWords(words);
  if (printer === null) return <p className="printer unknown">■ {text.printer.unknown}</p>;
  if (printer.is === 'hindered')
    return <p className="printer hindered">! {text.hindered[printer.by]}</p>;
  return printer.tonerLow ? (
    <p className="printer low">○ {text.printer.tonerLow}</p>
  ) : (
    <p className="printer ready">✓ {text.printer.ready}</p>
  );
}
