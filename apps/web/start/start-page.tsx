import './start-page.css';
import { Guides } from '../shared/guides.tsx';
import { LanguageSwitch, useWords } from '../shared/language.tsx';

const zh = {
  title: '免证',
  what: '政务服务“免证办”：本人同意一次，窗口即取得所需证照信息。',
  window: '窗口',
  windowFor: '窗口工作人员办件',
  phone: '手机',
  phoneFor: '群众查看、同意或不同意授权请求',
  online: '网上办事',
  onlineFor: '群众在电脑上查事项、申请办理',
  admin: '管理',
  adminFor: '管理员登记窗口、机构和人员；审计员查看',
};
const en: typeof zh = {
  title: 'mianzheng',
  what: 'Public services without papers: one yes of the holder, and the window has what the matter needs.',
  window: 'Window',
  windowFor: 'Clerks handle cases',
  phone: 'Phone',
  phoneFor: 'Citizens see requests, and agree or not',
  online: 'Online',
  onlineFor: 'Citizens look up matters on a computer, and apply',
  admin: 'Administration',
  adminFor: 'Administrators enrol windows, authorities and staff; auditors look',
};

/** The doors of the city, for a visitor who typed its address. */
export function StartPage() {
  const words = useWords({ zh, en });
  const doors = [
    { href: '/window', name: words.window, text: words.windowFor },
    { href: '/phone', name: words.phone, text: words.phoneFor },
    { href: '/online', name: words.online, text: words.onlineFor },
    { href: '/admin', name: words.admin, text: words.adminFor },
  ];
  return (
    <main className="start">
      <header>
        <h1>{words.title}</h1>
        <LanguageSwitch />
      </header>
      <p>{words.what}</p>
      <ul>
        {doors.map(({ href, name, text }) => (
          <li key={href}>
            <a href={href}>{name}</a>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <Guides />
    </main>
  );
}
