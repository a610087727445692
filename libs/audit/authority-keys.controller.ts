import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForAnyone } from '#libs/platform';
import { PublishedAuthorityKeys } from './authority-keys.js';

const text = 'text/plain; charset=utf-8';

@ApiTags('log')
@Controller('log')
export class AuthorityKeysController {
  constructor(private readonly published: PublishedAuthorityKeys) {}

  @Get('authority-keys')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({
    summary: 'Authority keys: the keys that sign certificates, as a note signed by the log',
    description:
      'A note signed by the key of the log. For each key: the authority’s credit code, the RFC 7638 thumbprint, algorithm and bytes, and the first and last leaf of the log for which certificates by it were accepted. Complete for the number of leaves in the third line.',
  })
  @ApiOkResponse({
    content: {
      [text]: {
        example:
          'mianzheng authority keys v1\ncity.example\n1427\n11430112000000001P kPrK_qmx… EdDSA CsUYapGG… 17 -\n\n— city.example …\n',
      },
    },
  })
  keys(): Promise<string> {
    return this.published.note();
  }
}
