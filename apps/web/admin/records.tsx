import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { answered } from '../shared/trouble.ts';
import { TextField } from './parts/field.tsx';
import { useCommand } from './use-command.ts';

type Found = Schemas['RecordsDto'];

const zh = {
  how: '按流名读取账本记录的原文和哈希值。流名是随机编号，例：client-administrator、matter-SX0001、book-…。记录中没有个人信息明文；要核对整本账，请用命令 mianzheng verify ledger。',
  stream: '流名',
  read: '读取',
  none: '这个流没有记录。',
  version: '版本',
  type: '类型',
  time: '时间',
  actor: '操作者',
  hash: '哈希值',
  bytes: '原文',
};
const en: typeof zh = {
  how: 'Reads records of the ledger as stored, with their hashes, by the name of their stream: a random id, such as client-administrator, matter-SX0001, book-…. Nothing personal stands in them in clear. The whole ledger is checked by mianzheng verify ledger.',
  stream: 'Stream',
  read: 'Read',
  none: 'The stream has no records.',
  version: 'Version',
  type: 'Type',
  time: 'Time',
  actor: 'Actor',
  hash: 'Hash',
  bytes: 'Bytes',
};

interface Body {
  readonly type?: string;
  readonly time?: string;
  readonly actor?: { readonly client?: string; readonly operator?: string };
}

/** What an auditor reads; nothing here changes anything. */
export function Records() {
  const words = useWords({ zh, en });
  const [stream, setStream] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const read = useCommand<string>(async (of, _, api) => {
    setFound(
      await answered(
        api.GET('/v1/ledger/streams/{stream}/records', { params: { path: { stream: of } } }),
      ),
    );
  });
  return (
    <div className="sheet">
      <p className="quiet">{words.how}</p>
      <form
        className="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (stream.trim() !== '') read.press(stream.trim());
        }}
      >
        <TextField label={words.stream} value={stream} mono onChange={setStream} />
        <button type="submit" className="button primary" disabled={read.busy}>
          {words.read}
        </button>
      </form>
      {read.trouble === null ? null : <TroubleNotice trouble={read.trouble} />}
      {found?.records.length === 0 ? <p className="notice">{words.none}</p> : null}
      {found === null || found.records.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">{words.version}</th>
              <th scope="col">{words.type}</th>
              <th scope="col">{words.time}</th>
              <th scope="col">{words.actor}</th>
              <th scope="col">{words.hash}</th>
            </tr>
          </thead>
          <tbody>
            {found.records.map(({ version, hash, bytes }) => {
              const { type, time, actor } = JSON.parse(bytes) as Body;
              return (
                <tr key={version}>
                  <td className="mono">{version}</td>
                  <th scope="row" className="mono small">
                    {type}
                  </th>
                  <td className="mono small">{time}</td>
                  <td className="mono small wrap">
                    {[actor?.client, actor?.operator].filter(Boolean).join(' · ')}
                  </td>
                  <td className="small">
                    <details>
                      <summary className="mono">{hash.slice(0, 12)}…</summary>
                      <p className="mono wrap">{hash}</p>
                      <p className="mono wrap">
                        {words.bytes}: {bytes}
                      </p>
                    </details>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}
