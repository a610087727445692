import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/noto-sans-sc/index.css';
import '../../shared/theme.css';
import '../kiosk.css';
import { Languages, useLanguage } from '../../shared/language.tsx';
import { KioskScreen } from '../kiosk-screen.tsx';
import type { Display, KioskActs, KioskView } from '../kiosk-view.ts';
import { useSpeech } from '../spoken.ts';
import { useKeypad } from '../use-keypad.ts';
import { useVisit } from '../use-visit.ts';
import { type Choice, type Printer, start, type Visit } from '../visit.ts';

/*
 * Every state of the kiosk's screen with invented data, by `?state=`: for pictures, axe, keypad and
 * speech. A build of the tests alone; no city serves it.
 */

const proof = (n: number, zh: string, en: string, reprintOnly = false): Choice => ({
  matter: `sample-${n}`,
  zh,
  en,
  reprintOnly,
});
const proofs = [
  proof(1, '个人住房公积金缴存证明', 'Individual Housing Provident Fund Contribution Proof'),
  proof(2, '社会保险个人参保证明', 'Individual Social Insurance Proof'),
  proof(15, '无房证明', 'No-Property Proof'),
  proof(16, '无犯罪记录证明', 'Certificate of No Criminal Record', true),
  proof(10, '基本医疗保险参保凭证', 'Basic Medical Insurance Voucher'),
  proof(22, '儿童入托入学预防接种证查验证明', 'Vaccination Check Proof for School Entry'),
  proof(24, '商品房买卖合同备案证明', 'Commodity House Sale Contract Filing Proof'),
  proof(26, '个人信用报告', 'Individual Credit Report', true),
];
const [choice = proof(0, '', '')] = proofs;
const asked = {
  consent: 'sample',
  zh: '示例大厅（自助终端：K-01）请您同意，为办理“个人住房公积金缴存证明打印”使用您的下列电子证照信息，并在这台自助终端打印一次：\n1. 《个人住房公积金缴存证明》中的姓名、个人账号、缴存单位、缴存基数、月缴存额、缴至年月、账户余额。\n您可以不同意，改到窗口办理。每次使用都记入您的用证记录。',
  en: 'Sample hall (kiosk K-01) asks you to agree that it uses the following data for “Housing fund proof” and prints them here, once:\n1. From Individual Housing Provident Fund Contribution Proof: name, account, employer, base, monthly deposit, paid up to, balance.\nYou may say no and go to a window. Every use is entered in your record of accesses.',
  number: null,
  answerBy: new Date(Date.now() + 581_000).toISOString(),
};
const visits: Readonly<Record<string, Visit>> = {
  start,
  proofs: { is: 'choosing', list: 'proofs' },
  'none-to-choose': { is: 'choosing', list: 'matters' },
  who: { is: 'identifying', choice, way: null },
  phone: { is: 'identifying', choice, way: 'phone' },
  document: { is: 'identifying', choice, way: 'document' },
  opening: { is: 'opening', choice },
  waiting: { is: 'waiting', choice, asked },
  'waiting-number': { is: 'waiting', choice, asked: { ...asked, number: '47' } },
  issuing: { is: 'issuing', choice },
  printing: { is: 'printing', choice, page: 1, pages: 2 },
  printed: { is: 'printed', choice, pages: 2 },
  kept: { is: 'kept', choice, by: 'paper', collection: '4827 3165' },
  'kept-jam': { is: 'kept', choice, by: 'jam', collection: null },
  unprintable: { is: 'unprintable', choice, by: 'off' },
  refused: { is: 'ended', by: 'refused' },
  'source-away': { is: 'ended', by: 'source-away' },
  'no-record': { is: 'ended', by: 'no-record' },
  network: { is: 'ended', by: 'network' },
};

const search = new URLSearchParams(location.search);
const state = search.get('state') ?? 'start';
const printer: Printer | null =
  state === 'opening'
    ? null
    : state === 'kept' || state === 'unprintable'
      ? { is: 'hindered', by: state === 'kept' ? 'paper' : 'off' }
      : { is: 'ready', tonerLow: state === 'proofs' };
const choices = {
  proofs,
  certificates: proofs.slice(0, 2),
  matters: [],
  often: proofs.slice(1, 4),
};
const key = {
  zh: (n: number, name: string) => `按 ${n}，${name}`,
  en: (n: number, name: string) => `Press ${n} for ${name}`,
};

function States() {
  const language = useLanguage();
  const { visit, tell, wipedIn } = useVisit(visits[state] ?? start);
  const [helping, setHelping] = useState(state === 'help');
  const [display, setDisplay] = useState<Display>({
    larger: search.has('larger'),
    contrast: search.has('contrast'),
    speak: search.has('speak'),
  });
  const sayAgain = useSpeech(
    display.speak,
    JSON.stringify([visit, helping]),
    language,
    key[language],
  );
  useKeypad(sayAgain);
  const leave = () => {
    tell({ is: 'left' });
  };
  const acts: KioskActs = {
    open: (list) => {
      tell({ is: 'list-opened', list });
    },
    choose: (chosen) => {
      tell({ is: 'chosen', choice: chosen, printer });
    },
    goWay: (way) => {
      tell({ is: 'way-chosen', way });
    },
    scanned: () => {
      tell({ is: 'identified' });
    },
    typed: () => {
      tell({ is: 'identified' });
    },
    notTaken: () => {
      tell({ is: 'hindered', by: 'not-taken' });
    },
    again: () => {
      tell({ is: 'tried-again' });
    },
    leave,
    stay: () => undefined, // any touch is one
    help: setHelping,
    show: (changed) => {
      setDisplay({ ...display, ...changed });
    },
  };
  const view: KioskView = {
    visit,
    printer,
    choices,
    display,
    wipedIn: state === 'still-there' ? 24 : wipedIn,
    help: helping ? { phone: '12345', isNight: true } : null,
    pinTries: state === 'document' ? 3 : null,
    saveAt: state.startsWith('kept') ? 'https://city.example/collect#sample' : null,
  };
  return <KioskScreen view={view} acts={acts} />;
}

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages>
      <States />
    </Languages>,
  );
