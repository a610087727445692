import { useState } from 'react';
import type { LedgerClient, Schemas } from '#libs/api-client';
import { newCommand } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { type ProblemTexts, useProblemTexts } from '../shared/problem-texts.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status, type Tone } from '../shared/status.tsx';
import { answered, type Trouble, troubleFrom } from '../shared/trouble.ts';
import { type CataloguePart, partsOf, textOf } from './catalogue-parts.ts';
import { Field } from './parts/field.tsx';
import { useAdmin } from './session.tsx';
import { useCommand } from './use-command.ts';

type Row = Schemas['PreviewedRowDto'];
type Refused = Schemas['RefusedLineDto'];
type Change = Row['change'] | 'refused';

const zh = {
  title: '导入目录文件',
  file: '文件（TSV 或 CSV，UTF-8 或 GB 18030）',
  reading: '正在比较…',
  kinds: { types: '证照种类', matters: '事项', rules: '规则' },
  nothing: '文件与目录完全相同，没有可导入的改动。',
  changes: {
    added: '新增',
    changed: '修改',
    unchanged: '不变',
    refused: '不接受',
  } satisfies Record<Change, string>,
  count: (n: number) => `${n} 行`,
  line: '行',
  code: '编码',
  name: '名称',
  change: '改动',
  before: '原来',
  after: '现在',
  showUnchanged: '也显示不变的行',
  tooMany: (n: number) => `还有 ${n} 行未显示。`,
  carryOut: (n: number) => `确认导入 ${n} 项改动`,
  refusedToo: '不接受的行会跳过，其他行照常导入。',
  done: (added: number, changed: number) => `已导入：新增 ${added}，修改 ${changed}。`,
  back: '返回目录',
  members: {
    nameZh: '名称',
    nameEn: '英文名称',
    department: '部门',
    departmentEn: '部门英文名',
    category: '类别',
    holder: '持证主体',
    validity: '有效期',
    nationalTypeCode: '国家种类编码',
    number: '证号',
    fields: '字段',
    level: '层级',
    audience: '对象',
    place: '地点',
    bundle: '一件事',
    materials: '材料',
    answers: '免提交来源',
    original: '须交原件的原因',
  } as Record<string, string>,
};
const en: typeof zh = {
  title: 'Import a catalogue file',
  file: 'File (TSV or CSV, UTF-8 or GB 18030)',
  reading: 'Comparing…',
  kinds: { types: 'certificate types', matters: 'matters', rules: 'rules' },
  nothing: 'The file says what the catalogue says: there is nothing to import.',
  changes: { added: 'new', changed: 'changed', unchanged: 'unchanged', refused: 'refused' },
  count: (n) => `${n} lines`,
  line: 'Line',
  code: 'Code',
  name: 'Name',
  change: 'Change',
  before: 'before',
  after: 'now',
  showUnchanged: 'Show unchanged lines, too',
  tooMany: (n) => `${n} more lines are not shown.`,
  carryOut: (n) => `Import these ${n} changes`,
  refusedToo: 'Lines that are refused are left out; the others are imported.',
  done: (added, changed) => `Imported: ${added} new, ${changed} changed.`,
  back: 'Back to the catalogue',
  members: {
    nameZh: 'name',
    nameEn: 'English name',
    department: 'department',
    departmentEn: 'department in English',
    category: 'category',
    holder: 'holder',
    validity: 'validity',
    nationalTypeCode: 'national type code',
    number: 'number',
    fields: 'fields',
    level: 'level',
    audience: 'audience',
    place: 'place',
    bundle: 'bundle',
    materials: 'materials',
    answers: 'answered by',
    original: 'why the original',
  },
};

const tones: Readonly<Record<Change, Tone>> = {
  added: 'green',
  changed: 'blue',
  unchanged: 'slate',
  refused: 'red',
};

interface Preview {
  readonly kind: Schemas['CataloguePreviewDto']['kind'];
  readonly parts: readonly CataloguePart[];
  readonly rows: readonly Row[];
  readonly refused: readonly Refused[];
}

async function previewOf(api: LedgerClient, file: File): Promise<Preview> {
  const parts = partsOf(textOf(await file.arrayBuffer()));
  const [first, ...rest] = parts;
  const look = (body: CataloguePart) =>
    answered(
      api.POST('/v1/catalogue/preview', { params: { header: newCommand() }, body: { ...body } }),
    );
  const found = await look(first ?? { content: ' ', lineOffset: 0 });
  const [rows, refused] = [[...found.rows], [...found.refused]];
  for (const part of rest) {
    const more = await look(part);
    rows.push(...more.rows);
    refused.push(...more.refused);
  }
  return { kind: found.kind, parts, rows, refused };
}

/** Lines that are shown at once. */
const shownAtMost = 300;

/** A file is compared with the catalogue first; nothing changes before it is confirmed. */
export function ImportCatalogue({ onClose }: { readonly onClose: () => void }) {
  const words = useWords({ zh, en });
  const { session, onTrouble } = useAdmin();
  const [preview, setPreview] = useState<Preview | null>(null);
  const [reading, setReading] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [done, setDone] = useState<{ added: number; changed: number } | null>(null);
  const [all, setAll] = useState(false);
  const texts = useProblemTexts();

  const open = (file: File | undefined) => {
    setPreview(null);
    setTrouble(null);
    setDone(null);
    if (file === undefined) return;
    setReading(true);
    previewOf(session.api, file)
      .then(setPreview, (thrown: unknown) => {
        setTrouble(troubleFrom(thrown));
        onTrouble(troubleFrom(thrown));
      })
      .finally(() => {
        setReading(false);
      });
  };
  const carryOut = useCommand<readonly CataloguePart[]>(async (parts, header, api) => {
    const sum = { added: 0, changed: 0 };
    for (const [n, part] of parts.entries()) {
      const key = { 'Idempotency-Key': `${header['Idempotency-Key']}.${n}` };
      const { added, changed } = await answered(
        api.POST('/v1/catalogue/import', { params: { header: key }, body: { ...part } }),
      );
      sum.added += added;
      sum.changed += changed;
    }
    setDone(sum);
  });

  const counts = countsOf(preview);
  const changes = counts.added + counts.changed;
  return (
    <section className="sheet" aria-label={words.title}>
      <h2>{words.title}</h2>
      <Field label={words.file}>
        {(id) => (
          <input
            id={id}
            type="file"
            accept=".tsv,.csv,.txt,text/plain,text/csv"
            onChange={({ currentTarget: { files } }) => {
              open(files?.[0]);
            }}
          />
        )}
      </Field>
      <div role="status">
        {reading ? <p className="notice">{words.reading}</p> : null}
        {done === null ? null : <p className="notice">{words.done(done.added, done.changed)}</p>}
      </div>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      {preview === null || done !== null ? null : (
        <>
          <p className="counts">
            <strong>{words.kinds[preview.kind]}</strong>
            {(Object.keys(tones) as Change[]).map((change) => (
              <Status key={change} tone={tones[change]}>
                {words.changes[change]} {words.count(counts[change])}
              </Status>
            ))}
          </p>
          {changes + counts.refused === 0 ? <p className="notice">{words.nothing}</p> : null}
          <label className="choice">
            <input
              type="checkbox"
              checked={all}
              onChange={({ currentTarget: { checked } }) => {
                setAll(checked);
              }}
            />
            {words.showUnchanged}
          </label>
          <Lines preview={preview} all={all} texts={texts} />
          {counts.refused > 0 ? <p className="notice amber">{words.refusedToo}</p> : null}
        </>
      )}
      {carryOut.trouble === null ? null : <TroubleNotice trouble={carryOut.trouble} />}
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          {words.back}
        </button>
        {preview === null || done !== null ? null : (
          <button
            type="button"
            className="button primary"
            disabled={changes === 0 || carryOut.busy}
            onClick={() => {
              carryOut.press(preview.parts);
            }}
          >
            {words.carryOut(changes)}
          </button>
        )}
      </div>
    </section>
  );
}

function countsOf(preview: Preview | null): Readonly<Record<Change, number>> {
  const counts = { added: 0, changed: 0, unchanged: 0, refused: preview?.refused.length ?? 0 };
  for (const { change } of preview?.rows ?? []) counts[change]++;
  return counts;
}

function Lines({
  preview: { rows, refused },
  all,
  texts,
}: {
  readonly preview: Preview;
  readonly all: boolean;
  readonly texts: ProblemTexts;
}) {
  const words = useWords({ zh, en });
  const lines = [
    ...refused.map((one) => ({ ...one, is: 'refused' as const })),
    ...rows
      .filter(({ change }) => all || change !== 'unchanged')
      .map((one) => ({ ...one, is: 'row' as const })),
  ].sort((a, b) => a.line - b.line);
  if (lines.length === 0) return null;
  return (
    <>
      <table className="preview">
        <thead>
          <tr>
            <th scope="col">{words.line}</th>
            <th scope="col">{words.code}</th>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.change}</th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, shownAtMost).map((line) =>
            line.is === 'refused' ? (
              <tr key={`r${line.line}`}>
                <td className="mono">{line.line}</td>
                <td className="mono small">{line.code}</td>
                <td />
                <td>
                  <Status tone="red">{words.changes.refused}</Status>{' '}
                  {texts[line.reason] ?? line.reason}{' '}
                  <span className="mono small">{line.detail}</span>
                </td>
              </tr>
            ) : (
              <tr key={`${line.line} ${line.material ?? ''}`}>
                <td className="mono">{line.line}</td>
                <th scope="row" className="mono small">
                  {line.code}
                  {line.material === null ? null : ` ${line.material}`}
                </th>
                <td>{line.nameZh}</td>
                <td>
                  <Status tone={tones[line.change]}>{words.changes[line.change]}</Status>
                  {line.differs.map(({ member, before, after }) => (
                    <span key={member} className="block small">
                      {words.members[member] ?? member}: <del>{before ?? '—'}</del>{' '}
                      <ins>{after ?? '—'}</ins>
                    </span>
                  ))}
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      {lines.length > shownAtMost ? (
        <p className="quiet">{words.tooMany(lines.length - shownAtMost)}</p>
      ) : null}
    </>
  );
}
