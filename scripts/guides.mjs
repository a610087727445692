// Writes the papers for people, docs/guides/*.md, as pages below dist/web/guides.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'docs', 'guides');
const target = join(root, 'dist', 'web', 'guides');

const escaped = (text) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Code, bold and links, of a line that is escaped already. */
const inline = (text) =>
  escaped(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>');

const cells = (line) =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => inline(cell.trim()));

/** The little of Markdown that these papers need: headings, paragraphs, lists, tables. */
export function htmlOf(markdown) {
  const out = [];
  for (const block of markdown.trim().split(/\n{2,}/)) {
    const lines = block.split('\n');
    const [first] = lines;
    const heading = /^(#{1,3}) (.+)$/.exec(first);
    if (heading !== null) {
      const level = heading[1].length;
      out.push(`<h${level}>${inline(heading[2])}</h${level}>`);
      if (lines.length > 1) out.push(htmlOf(lines.slice(1).join('\n')));
    } else if (/^(- |\d+\. )/.test(first)) {
      const tag = first.startsWith('- ') ? 'ul' : 'ol';
      const items = block.split(/\n(?=- |\d+\. )/).map((item) => {
        const text = item.replace(/^(- |\d+\. )/, '').replaceAll(/\n\s*/g, ' ');
        return `<li>${inline(text)}</li>`;
      });
      out.push(`<${tag}>${items.join('')}</${tag}>`);
    } else if (first.startsWith('|')) {
      const [head, , ...rows] = lines;
      const row = (line, tag, scope) =>
        `<tr>${cells(line)
          .map((cell, n) =>
            n === 0 || tag === 'th' ? `<th scope="${scope}">${cell}</th>` : `<td>${cell}</td>`,
          )
          .join('')}</tr>`;
      out.push(
        `<table><thead>${row(head, 'th', 'col')}</thead><tbody>${rows.map((line) => row(line, 'td', 'row')).join('')}</tbody></table>`,
      );
    } else {
      out.push(`<p>${inline(lines.join(' '))}</p>`);
    }
  }
  return out.join('\n');
}

const page = (name, language, title, body) => {
  const other = language === 'zh' ? 'en' : 'zh';
  const [home, label] = language === 'zh' ? ['首页', 'English'] : ['Start page', '中文'];
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · 免证</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/guides/guide.css">
</head>
<body>
<header><a href="/">${home}</a> <a href="/guides/${name}.${other}" lang="${other === 'zh' ? 'zh-CN' : 'en'}">${label}</a></header>
<main>
${body}
</main>
</body>
</html>
`;
};

export async function buildGuides() {
  await mkdir(target, { recursive: true });
  for (const file of await readdir(sources)) {
    const [, name, language] = /^([a-z]+)\.(zh|en)\.md$/.exec(file) ?? [];
    if (name === undefined) continue;
    const text = await readFile(join(sources, file), 'utf8');
    const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
    await writeFile(
      join(target, `${name}.${language}.html`),
      page(name, language, title, htmlOf(text)),
    );
  }
  await writeFile(join(target, 'guide.css'), await readFile(join(sources, 'guide.css')));
}
