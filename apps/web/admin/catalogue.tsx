import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status } from '../shared/status.tsx';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import { timeOf } from './format.ts';
import { useHands } from './hands.tsx';
import { ImportCatalogue } from './import-catalogue.tsx';
import { TextField } from './parts/field.tsx';
import { useAdmin } from './session.tsx';
import { useAnswer } from './use-command.ts';

const zh = {
  importFile: '导入文件',
  how: '种类、事项和规则各一个文件（TSV 或 CSV）。导入前先看逐行改动，再确认。',
  search: '查事项：名称、部门或编码',
  matters: '事项',
  found: (n: number) => `共 ${n} 项`,
  none: '没有找到。',
  more: '请输入更多字以缩小范围。',
  code: '编码',
  name: '名称',
  department: '部门',
  materials: '材料',
  versions: '规则与版本',
  rules: '免提交规则',
  ruleVersion: (n: number) => (n === 0 ? '还没有规则' : `第 ${n} 版`),
  exemptible: '可免提交',
  bring: '需提交',
  history: '变更记录',
  changes: { defined: '新建', changed: '修改', 'rules-set': '设置规则' },
  rule: (n: number) => `规则第 ${n} 版`,
  types: '证照种类',
  typeCount: (n: number) => `${n} 种`,
  close: '关闭',
  time: '时间',
  change: '变更',
  by: '操作者',
};
const en: typeof zh = {
  importFile: 'Import a file',
  how: 'Types, matters and rules are a file each (TSV or CSV). What changes is shown line by line, before you confirm.',
  search: 'Find a matter: name, department or code',
  matters: 'Matters',
  found: (n) => `${n} found`,
  none: 'Nothing was found.',
  more: 'Type more to find fewer.',
  code: 'Code',
  name: 'Name',
  department: 'Department',
  materials: 'Materials',
  versions: 'Rules and versions',
  rules: 'Rules of exemption',
  ruleVersion: (n) => (n === 0 ? 'no rules yet' : `version ${n}`),
  exemptible: 'can be exempted',
  bring: 'to be brought',
  history: 'Changes',
  changes: { defined: 'defined', changed: 'changed', 'rules-set': 'rules set' },
  rule: (n) => `rules, version ${n}`,
  types: 'Certificate types',
  typeCount: (n) => `${n} types`,
  close: 'Close',
  time: 'Time',
  change: 'Change',
  by: 'By',
};

/** Types, matters, rules with their versions, and the import of files. */
export function Catalogue() {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const { isAdministrator } = useAdmin();
  const [importing, setImporting] = useState(false);
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState<string | null>(null);
  const q = typed.trim();
  const { data, trouble } = useAnswer(['matters', q], (api) =>
    answered(
      api.GET('/v1/matters', { params: { query: { size: 30, ...(q === '' ? {} : { q }) } } }),
    ),
  );
  const types = useAnswer(['types'], (api) => answered(api.GET('/v1/types')));
  if (importing)
    return (
      <ImportCatalogue
        onClose={() => {
          setImporting(false);
        }}
      />
    );
  return (
    <>
      {isAdministrator ? (
        <div className="tools">
          <button
            type="button"
            className="button primary"
            onClick={() => {
              setImporting(true);
            }}
          >
            {words.importFile}
          </button>
          <p className="quiet">{words.how}</p>
        </div>
      ) : null}
      <section className="sheet" aria-label={words.matters}>
        <h2>{words.matters}</h2>
        <TextField label={words.search} value={typed} onChange={setTyped} />
        {trouble === null ? null : <TroubleNotice trouble={trouble} />}
        <p role="status" className="quiet">
          {data === null
            ? ''
            : `${words.found(data.total)}${data.total > data.matters.length ? ` · ${words.more}` : ''}`}
        </p>
        {data === null || data.matters.length === 0 ? null : (
          <table>
            <thead>
              <tr>
                <th scope="col">{words.code}</th>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.department}</th>
                <th scope="col">{words.versions}</th>
              </tr>
            </thead>
            <tbody>
              {data.matters.map((matter) => (
                <tr key={matter.code}>
                  <td className="mono small">{matter.code}</td>
                  <th scope="row">
                    {language === 'zh' ? matter.nameZh : matter.nameEn}
                    {matter.place === null ? null : (
                      <small className="quiet"> {matter.place}</small>
                    )}
                  </th>
                  <td>
                    {language === 'zh'
                      ? matter.department
                      : (matter.departmentEn ?? matter.department)}
                  </td>
                  <td>
                    <button
                      type="button"
                      className="button"
                      aria-label={`${words.versions} ${matter.code}`}
                      onClick={() => {
                        setShown(matter.code);
                      }}
                    >
                      {words.versions}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="sheet" aria-label={words.types}>
        <h2>
          {words.types}{' '}
          <small className="quiet">
            {types.data === null ? '' : words.typeCount(types.data.types.length)}
          </small>
        </h2>
        {types.trouble === null ? null : <TroubleNotice trouble={types.trouble} />}
        <ul className="types">
          {types.data?.types.map(({ code, nameZh, nameEn, department }) => (
            <li key={code}>
              <span className="mono small">{code}</span> {language === 'zh' ? nameZh : nameEn}{' '}
              <small className="quiet">{department}</small>
            </li>
          ))}
        </ul>
      </section>
      {shown === null ? null : (
        <MatterDialog
          code={shown}
          onClose={() => {
            setShown(null);
          }}
        />
      )}
    </>
  );
}

function MatterDialog({ code, onClose }: { readonly code: string; readonly onClose: () => void }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const { isAdministrator } = useAdmin();
  const path = { params: { path: { code } } };
  const { data, trouble } = useAnswer(['exemptions', code], (api) =>
    answered(api.GET('/v1/matters/{code}/exemptions', path)),
  );
  const versions = useAnswer(
    ['versions', code],
    (api) => answered(api.GET('/v1/matters/{code}/versions', path)),
    { enabled: isAdministrator },
  );
  return (
    <Dialog title={`${words.versions} ${code}`} onClose={onClose} wide>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      {data === null ? null : (
        <>
          <h3>
            {words.rules} · {words.ruleVersion(data.ruleVersion)}
          </h3>
          <ul className="rows">
            {data.materials.map((material) => (
              <li key={material.material}>
                <span>
                  {language === 'zh' ? material.nameZh : (material.nameEn ?? material.nameZh)}{' '}
                  <span className="mono small quiet">{material.material}</span>
                  {material.answers.map(({ type, whose, fields }) => (
                    <small key={`${type} ${whose}`} className="quiet block">
                      <span className="mono">{type}</span> {whose}: {fields.join('、')}
                    </small>
                  ))}
                </span>
                <Status tone={material.exemptible ? 'blue' : 'slate'}>
                  {material.exemptible ? words.exemptible : words.bring}
                </Status>
              </li>
            ))}
          </ul>
        </>
      )}
      {versions.data === null ? null : <History versions={versions.data.versions} />}
      <div className="buttons">
        <button type="button" className="button primary" data-focus onClick={onClose}>
          {words.close}
        </button>
      </div>
    </Dialog>
  );
}

function History({ versions }: { readonly versions: readonly Schemas['CatalogueVersionDto'][] }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const hands = useHands();
  return (
    <>
      <h3>{words.history}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            <th scope="col">{words.change}</th>
            <th scope="col">{words.by}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, time, change, rules, client, operator }) => (
            <tr key={version}>
              <td>{timeOf(time, language)}</td>
              <td>{rules === null ? words.changes[change] : words.rule(rules)}</td>
              <td>{hands([...(operator === null ? [] : [`operator:${operator}`]), client])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
