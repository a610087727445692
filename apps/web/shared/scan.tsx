import { useEffect, useRef, useState } from 'react';
import { useWords } from './language.tsx';

/** Why there is no picture of a camera. */
type CameraTrouble = 'refused' | 'absent' | 'insecure';

const zh = {
  looking: '请将二维码对准取景框',
  refused: '没有摄像头权限。请在浏览器设置中允许使用摄像头，或改用手工输入。',
  absent: '这台设备没有可用的摄像头，请改用手工输入。',
  insecure: '此网址不是安全连接，浏览器不允许使用摄像头。',
};
const en: typeof zh = {
  looking: 'Hold the QR code into the frame',
  refused: 'The camera is not allowed. Allow it in the browser’s settings, or type instead.',
  absent: 'This device has no camera that can be used; type instead.',
  insecure: 'This address is not secure, and the browser does not allow the camera.',
};

/** Milliseconds between two pictures that are read. */
const every = 150;

async function openCamera(): Promise<MediaStream | CameraTrouble> {
  if (!isSecureContext) return 'insecure';
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1280 } },
    });
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'refused' : 'absent';
  }
}

/** Shape Detection API (WICG), as far as this page needs it: Android has it, few others. */
interface Detector {
  detect(picture: HTMLCanvasElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface Detectors {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The text of a QR code in a picture, or null. */
type Reader = (canvas: HTMLCanvasElement) => Promise<string | null>;

/** The browser's own reader where it reads QR codes; ours is loaded with the first picture else. */
async function readerHere(): Promise<Reader> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: Detectors };
  // There may be one that reads nothing: what it stands on is a service of the phone's.
  const formats = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (BarcodeDetector === undefined || !formats.includes('qr_code')) return readByOurs;
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  let isBroken = false;
  return async (canvas) => {
    if (isBroken) return readByOurs(canvas);
    try {
      const [found] = await detector.detect(canvas);
      return found?.rawValue ?? null;
    } catch {
      isBroken = true;
      return readByOurs(canvas);
    }
  };
}

async function readByOurs(canvas: HTMLCanvasElement): Promise<string | null> {
  const { data, width, height } =
    canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
  if (data === undefined || width === undefined || height === undefined) return null;
  const { default: decode } = await import('qr/decode.js');
  try {
    return decode({ data, width, height });
  } catch {
    return null; // most pictures hold no code
  }
}

/**
 * Shows the camera until it sees a QR code. Pictures never leave the page.
 * @param onText the text of the code; what is not meant for the caller is its to ignore
 */
export function Scanner({ onText }: { readonly onText: (text: string) => void }) {
  const words = useWords({ zh, en });
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onText);
  found.current = onText;
  const [trouble, setTrouble] = useState<CameraTrouble | null>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stream: MediaStream | null = null;
    const canvas = document.createElement('canvas');
    const reader = readerHere();
    const look = async () => {
      const picture = video.current;
      if (picture !== null && picture.videoWidth > 0) {
        canvas.width = picture.videoWidth;
        canvas.height = picture.videoHeight;
        canvas.getContext('2d', { willReadFrequently: true })?.drawImage(picture, 0, 0);
        const text = await (await reader)(canvas);
        if (over) return;
        if (text !== null) found.current(text);
      }
      timer = setTimeout(() => void look(), every);
    };
    void openCamera().then((opened) => {
      if (typeof opened === 'string') {
        setTrouble(opened);
        return;
      }
      if (over || video.current === null) {
        for (const track of opened.getTracks()) track.stop();
        return;
      }
      stream = opened;
      video.current.srcObject = opened;
      void look();
    });
    return () => {
      over = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);
  if (trouble !== null)
    return (
      <p role="alert" className="notice amber">
        {words[trouble]}
      </p>
    );
  return (
    <figure className="scanner">
      <video ref={video} autoPlay playsInline muted />
      <figcaption>{words.looking}</figcaption>
    </figure>
  );
}
