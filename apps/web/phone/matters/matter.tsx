import { useEffect, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { type Language, useLanguage, useWords } from '../../shared/language.tsx';
import { TroubleNotice, troubleFrom, type Trouble } from '../../shared/problems.tsx';
import { Status } from '../../shared/status.tsx';
import type { Phone } from '../city.ts';
import { signApplication } from '../logic/application.ts';
import { type OwnMaterial, ownMaterial } from '../logic/own-materials.ts';
import { type Certificate, wholeWallet } from '../logic/wallet.ts';
import { Screen } from '../screen.tsx';
import { usePress } from '../use-press.ts';
import { catalogueOf, publicCatalogue } from './catalogue.ts';
import { en as codesEn, zh as codesZh } from './words.ts';
import { useWhenBack } from '../use-when-back.ts';

type Matter = Schemas['MatterForHoldersDto'];
type Material = Matter['materials'][number];

const zh = {
  title: '事项',
  loading: '正在读取…',
  again: '重试',
  counts: (free: number, bring: number) =>
    bring === 0
      ? `${free} 份材料，一份都不用带`
      : free === 0
        ? `${bring} 份材料，都请带来`
        : `${free} 份不用带，${bring} 份请带来`,
  could: (free: number, bring: number) =>
    bring === 0
      ? `${free} 份材料都可免提交`
      : free === 0
        ? `${bring} 份材料，都请带来`
        : `${free} 份可免提交，${bring} 份请带来`,
  nothing: '本事项不需要材料',
  free: '不用带',
  exemptible: '可免提交',
  bring: '请带来',
  by: (type: string) => `用您的《${type}》`,
  only: '仅取',
  until: (day: string) => `（有效期至 ${day}）`,
  none: (types: string) => `可以用《${types}》代替，但您名下没有有效的。`,
  held: (types: string) => `名下有有效的《${types}》，就不用带。`,
  other: (role: string) => `要用${role}的证照，须本人到窗口同意。`,
  or: '》或《',
  comma: '、',
  how: (department: string) => `请带来的材料，交到${department}的窗口。`,
  indicative: '本事项的免提交规则尚未经部门确认，以窗口为准。',
  legal: '本事项由企业等单位申请。',
  enrolFirst: '登记后，可在本页看到自己名下有哪些，并申请办理。',
  apply: '申请办理',
  applying: '正在提交…',
  applyText: (department: string) =>
    `提交后由${department}的窗口接办。现在不会提供任何证照信息；窗口要用时，会在这里请您同意。`,
};
const en: typeof zh = {
  title: 'Matter',
  loading: 'Loading…',
  again: 'Try again',
  counts: (free, bring) =>
    bring === 0
      ? `Nothing to bring: ${free} of ${free} by certificate`
      : free === 0
        ? `${bring} to bring`
        : `${free} not needed, ${bring} to bring`,
  could: (free, bring) =>
    bring === 0
      ? `All ${free} can be exempted`
      : free === 0
        ? `${bring} to bring`
        : `${free} can be exempted, ${bring} to bring`,
  nothing: 'This matter needs no material',
  free: 'Not needed',
  exemptible: 'Can be exempted',
  bring: 'Please bring',
  by: (type) => `By your ${type}`,
  only: 'only',
  until: (day) => ` (valid until ${day})`,
  none: (types) => `${types} would do, but you have no valid one.`,
  held: (types) => `Not needed where you have a valid ${types}.`,
  other: (role) => `By a certificate of the ${role}, who agrees at a window.`,
  or: ' or ',
  comma: ', ',
  how: (department) => `What is to be brought goes to a window of ${department}.`,
  indicative: 'No department has confirmed the rules of this matter yet; the window decides.',
  legal: 'Organisations apply for this matter.',
  enrolFirst: 'Once enrolled, you see here which of them you have, and can apply.',
  apply: 'Apply',
  applying: 'Sending…',
  applyText: (department) =>
    `A window of ${department} takes your application. Nothing is handed over now: when the window needs your certificates it asks you here.`,
};

/**
 * One matter: what need not be brought, by which certificate of one's own, and what remains; before
 * anybody is known, what can be exempted.
 */
export function MatterScreen({
  phone,
  code,
  onOpened,
  onBack,
}: {
  /** null before anybody is known. */
  readonly phone: Phone | null;
  readonly code: string;
  readonly onOpened?: (id: string) => void;
  readonly onBack: () => void;
}) {
  const words = useWords({ zh, en });
  const [shown, setShown] = useState<readonly [Matter, readonly Certificate[] | null] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [times, setTimes] = useState(0);
  useEffect(() => {
    let over = false;
    setTrouble(null);
    Promise.all([
      (phone === null ? publicCatalogue : catalogueOf(phone)).matter(code),
      phone === null ? null : wholeWallet(phone),
    ]).then(
      (both) => {
        if (!over) setShown(both);
      },
      (thrown: unknown) => {
        if (!over) setTrouble(troubleFrom(thrown));
      },
    );
    return () => {
      over = true;
    };
  }, [phone, code, times]);
  useWhenBack(trouble, () => {
    setTimes(times + 1);
  });
  return (
    <Screen title={words.title} onBack={onBack}>
      {trouble === null ? null : (
        <>
          <TroubleNotice trouble={trouble} />
          <button
            type="button"
            className="big"
            onClick={() => {
              setTimes(times + 1);
            }}
          >
            {words.again}
          </button>
        </>
      )}
      {shown === null ? (
        trouble === null ? (
          <p role="status">{words.loading}</p>
        ) : null
      ) : (
        <>
          <Shown matter={shown[0]} certificates={shown[1]} />
          <div className="answer">
            {phone === null ? (
              <p className="second small">{words.enrolFirst}</p>
            ) : (
              <Apply phone={phone} matter={shown[0]} onOpened={onOpened} />
            )}
          </div>
        </>
      )}
    </Screen>
  );
}

function Shown({
  matter,
  certificates,
}: {
  readonly matter: Matter;
  readonly certificates: readonly Certificate[] | null;
}) {
  const words = useWords({ zh, en });
  const codes = useWords({ zh: codesZh, en: codesEn });
  const language = useLanguage();
  const own = matter.materials.map((material) => ({
    material,
    how: ownMaterial(material, certificates),
  }));
  const free = own.filter(({ how }) => how.is === 'free' || how.is === 'could').length;
  const counts = certificates === null ? words.could : words.counts;
  const department = departmentOf(matter, language);
  return (
    <>
      <div>
        <h2>{language === 'zh' ? matter.nameZh : matter.nameEn}</h2>
        <p className="second">
          {[matter.place ?? codes.level[matter.level], department].join(' · ')}
        </p>
      </div>
      <p className="strong">{own.length === 0 ? words.nothing : counts(free, own.length - free)}</p>
      <ul className="materials">
        {own.map(({ material, how }) => (
          <MaterialRow key={material.material} material={material} how={how} />
        ))}
      </ul>
      {free < own.length ? <p className="second">{words.how(department)}</p> : null}
      {matter.indicative ? <p className="notice amber">{words.indicative}</p> : null}
      {matter.audience === 'legal' ? <p className="notice">{words.legal}</p> : null}
    </>
  );
}

const departmentOf = (matter: Matter, language: Language): string =>
  language === 'zh' ? matter.department : (matter.departmentEn ?? matter.department);

function Apply({
  phone,
  matter,
  onOpened,
}: {
  readonly phone: Phone;
  readonly matter: Matter;
  readonly onOpened: ((id: string) => void) | undefined;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const apply = usePress(async (press) => {
    const body = await press.body(async () => ({
      jws: await signApplication(phone.key, matter, Date.now()),
    }));
    const opened = await press.send(
      phone.api.POST('/v1/phone/cases', { params: { header: press.header }, body }),
    );
    onOpened?.(opened.case);
  });
  return (
    <>
      {apply.trouble === null ? null : <TroubleNotice trouble={apply.trouble} />}
      <p className="second small">{words.applyText(departmentOf(matter, language))}</p>
      <button type="button" className="big primary" disabled={apply.busy} onClick={apply.press}>
        {apply.busy ? words.applying : words.apply}
      </button>
    </>
  );
}

function MaterialRow({
  material,
  how,
}: {
  readonly material: Material;
  readonly how: OwnMaterial;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  return (
    <li>
      <div className="between">
        <h3>{language === 'zh' ? material.nameZh : (material.nameEn ?? material.nameZh)}</h3>
        <Status tone={how.is === 'free' || how.is === 'could' ? 'green' : 'slate'}>
          {how.is === 'free' ? words.free : how.is === 'could' ? words.exemptible : words.bring}
        </Status>
      </div>
      <Why how={how} />
    </li>
  );
}

function Why({ how }: { readonly how: OwnMaterial }) {
  const words = useWords({ zh, en });
  const codes = useWords({ zh: codesZh, en: codesEn });
  const language = useLanguage();
  const nameOf = (one: { readonly nameZh: string; readonly nameEn: string }) =>
    language === 'zh' ? one.nameZh : one.nameEn;
  switch (how.is) {
    case 'free': {
      const { answer, certificate } = how;
      const fields = answer.fields.map(({ key, nameEn }) =>
        language === 'zh' ? key : (nameEn ?? key),
      );
      return (
        <p className="second">
          {words.by(nameOf(answer))}
          {certificate.validUntil === null ? null : words.until(certificate.validUntil)}
          <br />
          {words.only} {fields.join(words.comma)}
        </p>
      );
    }
    case 'could':
    case 'none': {
      const types = [...new Set(how.answers.map(nameOf))].join(words.or);
      return <p className="second">{words[how.is === 'none' ? 'none' : 'held'](types)}</p>;
    }
    case 'other':
      return <p className="second">{words.other(codes.role[how.whose] ?? codes.otherRole)}</p>;
    case 'paper':
      return <p className="second">{codes.reason[how.reason]}</p>;
  }
}
