import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ForPages } from '#libs/platform';
import { PageAbsent } from './pages.errors.js';
import { PublishedPages } from './published-pages.js';

/**
 * The Content Security Policy (Level 3, with Trusted Types) of the pages: everything comes from the
 * city itself, and no text becomes script.
 */
const policyWith = (trustedTypes: string, script = ''): string =>
  [
    "default-src 'self'",
    `script-src 'self'${script}`,
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${trustedTypes}`,
  ].join('; ');
const policy = policyWith("'none'");
/** The phone's page names the address of its service worker by this one policy. */
const phonePolicy = policyWith('phone-worker');
/** So does the page of verify, whose patient reader of QR codes is compiled C++. */
const verifyPolicy = policyWith('verify-worker', " 'wasm-unsafe-eval'");

const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const;

/** Devices that a page may ask for; all others are refused to it and to what it would embed. */
const withCamera =
  'camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), microphone=(), geolocation=()';
const withoutCamera = withCamera.replace('camera=(self)', 'camera=()');

/** The pages that people use. Nothing here depends on the visitor. */
@ApiExcludeController()
@Controller()
export class PagesController {
  constructor(private readonly pages: PublishedPages) {}

  @Get()
  @ForPages()
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('start/index.html', request, reply, withoutCamera);
  }

  @Get('sign-in')
  @ForPages()
  signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('sign-in/index.html', request, reply, withoutCamera);
  }

  @Get('window')
  @ForPages()
  window(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('window/index.html', request, reply, withCamera);
  }

  @Get('holder-display')
  @ForPages()
  holderDisplay(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('holder-display/index.html', request, reply, withoutCamera);
  }

  @Get('admin')
  @ForPages()
  admin(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('admin/index.html', request, reply, withCamera);
  }

  /** Papers for people, `clerk.zh` and the like, and their style sheet. */
  @Get('guides/:name')
  @ForPages()
  guide(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const file = name.endsWith('.css') ? name : `${name}.html`;
    return this.send(`guides/${file}`, request, reply, withoutCamera);
  }

  @Get('phone')
  @ForPages()
  phone(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('phone/index.html', request, reply, withCamera, phonePolicy);
  }

  /** The phone's page once more, laid out for a desk. */
  @Get('online')
  @ForPages()
  online(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('phone/index.html', request, reply, withCamera, phonePolicy);
  }

  /** Public: whoever was given a printed proof. */
  @Get('verify')
  @ForPages()
  verify(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('verify/index.html', request, reply, withCamera, verifyPolicy);
  }

  /** What a printed code opens; the proof is behind `#`, which no server is sent. */
  @Get('p')
  @ForPages()
  printed(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.verify(request, reply);
  }

  @Get('verify-worker.js')
  @ForPages()
  verifyWorker(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('verify-worker.js', request, reply, withoutCamera);
  }

  @Get('verify-files.json')
  @ForPages()
  verifyFiles(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('verify-files.json', request, reply, withoutCamera);
  }

  /** The same in one file, to be kept: shown from here it would be a page like others. */
  @Get('verify-offline')
  @ForPages()
  verifyOffline(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    reply.header('content-disposition', 'attachment; filename="verify-offline.html"');
    return this.send('verify-offline.html', request, reply, withoutCamera);
  }

  @Get('phone.webmanifest')
  @ForPages()
  phoneManifest(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('phone.webmanifest', request, reply, withoutCamera);
  }

  /** Its scope, /phone, is below its own path, so that no header has to widen it. */
  @Get('phone-worker.js')
  @ForPages()
  phoneWorker(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('phone-worker.js', request, reply, withoutCamera);
  }

  /** All that the page can load, by which the worker keeps a set. */
  @Get('phone-files.json')
  @ForPages()
  phoneFiles(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('phone-files.json', request, reply, withoutCamera);
  }

  @Get('phone-icon.png')
  @ForPages()
  phoneIcon(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('phone-icon.png', request, reply, withoutCamera);
  }

  @Get('icon.svg')
  @ForPages()
  icon(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.send('icon.svg', request, reply, withoutCamera);
  }

  /** The name holds the hash of the content, so that a cached copy is never out of date. */
  @Get('assets/:name')
  @ForPages()
  asset(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    return this.send(`assets/${name}`, request, reply, withoutCamera);
  }

  private async send(
    path: string,
    request: FastifyRequest,
    reply: FastifyReply,
    permissions: string,
    contentPolicy = policy,
  ): Promise<void> {
    const file = this.pages.find(path);
    if (file === undefined) {
      reply.header('cache-control', 'no-store');
      throw new PageAbsent('page_absent', 'there is no such file among the pages');
    }
    reply.headers({
      ...headers,
      'content-security-policy': contentPolicy,
      'permissions-policy': permissions,
      vary: 'accept-encoding',
    });
    if (!path.startsWith('assets/')) reply.header('cache-control', 'no-cache');
    const tag = `"${file.hash}"`;
    reply.header('etag', tag);
    if (request.headers['if-none-match'] === tag) {
      await reply.status(304).send();
      return;
    }
    reply.header('content-type', file.type);
    const takesBrotli = /\bbr\b/.test([request.headers['accept-encoding']].join());
    if (file.brotli !== null && takesBrotli) {
      await reply.header('content-encoding', 'br').send(file.brotli);
      return;
    }
    await reply.send(file.content);
  }
}
