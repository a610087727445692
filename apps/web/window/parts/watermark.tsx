import { useId } from 'react';

/**
 * Diagonal lines over a certificate that say for what it was shown: a photograph of the screen
 * carries them. Text below stays readable, and clicks go through.
 */
export function Watermark({ text }: { readonly text: string }) {
  const id = useId();
  const wide = text.match(/[\u2e80-\uffff]/g)?.length ?? 0;
  const width = wide * 15 + (text.length - wide) * 8.2 + 60;
  return (
    <svg className="watermark" aria-hidden="true">
      <defs>
        <pattern
          id={id}
          width={width}
          height="64"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(-14)"
        >
          <text x="0" y="20">
            {text}
          </text>
          {/* Every second line is shifted, so that no cut of the picture is free of words. */}
          <text x={-width / 2} y="52">
            {text}
          </text>
          <text x={width / 2} y="52">
            {text}
          </text>
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill={`url(#${id})`} />
    </svg>
  );
}
