import { useRef, useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { Scanner } from '../shared/scan.tsx';
import { type Codes, withCode } from './codes.ts';
import { type FileTrouble, readFiles } from './reading/file.ts';
import { cameraReader } from './reading/photo.ts';

const zh = {
  what: '查验自助终端打印的证明：是不是本区出具的，内容有没有改过，现在还有没有效。',
  how: '扫证明上的二维码，或上传它的照片、PDF。照片和内容只在这台设备上读，不会上传。',
  scan: '扫码查验',
  stop: '不扫了',
  upload: '上传照片或 PDF',
  reading: '正在读取，请稍候…',
  half1: '已读到第 1 个码。这份证明有两个码，请再扫第 2 个。',
  half2: '已读到第 2 个码。这份证明有两个码，请再扫第 1 个。',
  anew: '换一份证明',
  other: '这个二维码不是证明上的码。请扫证明下方的大二维码。',
  newer: '这个码的格式比本页新。请联网打开本市的查验页再试。',
  picture: '照片里没有读到二维码。请拍清楚整个二维码：放平、光线均匀、不反光，离近一些。',
  pdf: '这个 PDF 里没有附带证明：可能是重新打印或转存过的。请查验原来的 PDF，或拍下纸上的二维码。',
  damaged: '这个 PDF 附带的证明不完整或被改过。请查验原来的 PDF，或拍下纸上的二维码。',
  kind: '打不开这个文件。请上传 JPEG、PNG 照片或 PDF。',
};
const en: typeof zh = {
  what: 'Checks a proof that a kiosk printed: whether this city issued it, whether it was changed, and whether it is valid now.',
  how: 'Scan the QR code on it, or open a photo or its PDF. They are read on this device alone and are not uploaded.',
  scan: 'Scan the code',
  stop: 'Stop scanning',
  upload: 'Open a photo or PDF',
  reading: 'Reading; one moment…',
  half1: 'Code 1 was read. This proof has two codes: now scan code 2.',
  half2: 'Code 2 was read. This proof has two codes: now scan code 1.',
  anew: 'Another proof',
  other: 'This QR code is none of a proof. Scan the large one at the foot of the page.',
  newer: 'This code is of a newer form than this page. Open the city’s page online and try again.',
  picture:
    'No QR code could be read in the photo. Take all of it: flat, evenly lit, without reflections, and closer.',
  pdf: 'This PDF carries no proof: it may have been printed or saved anew. Open the original PDF, or take a photo of the code on paper.',
  damaged:
    'The proof in this PDF is not whole, or was changed. Open the original PDF, or take a photo of the code on paper.',
  kind: 'This file cannot be opened. Choose a JPEG or PNG photo, or a PDF.',
};

type Doing = 'nothing' | 'scanning' | 'reading';

/** How a proof comes in. */
export function Entry({
  codes,
  onCodes,
}: {
  readonly codes: Exclude<Codes, { is: 'whole' }>;
  readonly onCodes: (codes: Codes) => void;
}) {
  const words = useWords({ zh, en });
  const [doing, setDoing] = useState<Doing>('nothing');
  const [trouble, setTrouble] = useState<FileTrouble | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const scanned = (text: string) => {
    setTrouble(null);
    onCodes(withCode(codes, text));
  };
  const chosen = (files: readonly File[]) => {
    if (files.length === 0) return;
    setTrouble(null);
    setDoing('reading');
    void readFiles(files, codes)
      .then((read) => {
        if (typeof read === 'string') setTrouble(read);
        else onCodes(read);
      })
      .finally(() => {
        setDoing('nothing');
      });
  };
  const said = trouble ?? (codes.is === 'none' ? codes.why : null);
  return (
    <div className="entry">
      <p className="what">{words.what}</p>
      <div role="status">
        {codes.is === 'half' ? (
          <p className="notice">{codes.part === 1 ? words.half1 : words.half2}</p>
        ) : null}
        {said === null ? null : <p className="notice amber">{words[said]}</p>}
        {doing === 'reading' ? <p className="notice">{words.reading}</p> : null}
      </div>
      {doing === 'scanning' ? (
        <Scanner onText={scanned} reader={cameraReader} width={1920} />
      ) : null}
      <div className="actions">
        {doing === 'scanning' ? (
          <button
            type="button"
            className="big"
            onClick={() => {
              setDoing('nothing');
            }}
          >
            {words.stop}
          </button>
        ) : (
          <button
            type="button"
            className="big primary"
            disabled={doing === 'reading'}
            onClick={() => {
              setDoing('scanning');
            }}
          >
            {words.scan}
          </button>
        )}
        <button
          type="button"
          className="big"
          disabled={doing === 'reading'}
          onClick={() => file.current?.click()}
        >
          {words.upload}
        </button>
        {codes.is === 'half' ? (
          <button
            type="button"
            className="big"
            onClick={() => {
              onCodes({ is: 'none', why: null });
            }}
          >
            {words.anew}
          </button>
        ) : null}
      </div>
      <input
        ref={file}
        type="file"
        hidden
        multiple
        accept="image/jpeg,image/png,image/webp,application/pdf"
        aria-label={words.upload}
        onChange={({ currentTarget }) => {
          chosen([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      <p className="second">{words.how}</p>
    </div>
  );
}
