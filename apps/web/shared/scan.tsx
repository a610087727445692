import { useEffect, useRef, useState } from 'react';
import { useWords } from './language.tsx';
import { type QrReader, readerHere } from './read-qr.ts';

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

async function openCamera(width: number): Promise<MediaStream | CameraTrouble> {
  if (!isSecureContext) return 'insecure';
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: width } },
    });
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'refused' : 'absent';
  }
}

/**
 * Shows the camera until it sees a QR code. Pictures never leave the page.
 * @param onText the text of a code; what is not meant for the caller is its to ignore
 * @param reader asked for once, when the scanner is first shown
 * @param width of the pictures in pixels, where the camera has them so wide
 */
export function Scanner({
  onText,
  reader = readerHere,
  width = 1280,
}: {
  readonly onText: (text: string) => void;
  readonly reader?: () => Promise<QrReader>;
  readonly width?: number;
}) {
  const words = useWords({ zh, en });
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onText);
  found.current = onText;
  const wanted = useRef({ reader, width });
  const [trouble, setTrouble] = useState<CameraTrouble | null>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stream: MediaStream | null = null;
    const canvas = document.createElement('canvas');
    const reading = wanted.current.reader();
    const look = async () => {
      const picture = video.current;
      if (picture !== null && picture.videoWidth > 0) {
        canvas.width = picture.videoWidth;
        canvas.height = picture.videoHeight;
        canvas.getContext('2d', { willReadFrequently: true })?.drawImage(picture, 0, 0);
        const texts = await (await reading)(canvas);
        if (over) return;
        for (const text of texts) found.current(text);
      }
      timer = setTimeout(() => void look(), every);
    };
    void openCamera(wanted.current.width).then((opened) => {
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
