import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForAnyone } from '#libs/platform';
import { PagesSetPathDto, RecordedPagesDto } from './pages.dto.js';
import { FindRecordedPages } from './queries/recorded-pages.js';

@ApiTags('log')
@Controller('log/pages')
export class RecordedPagesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ForAnyone()
  @ApiOperation({
    summary: 'The set of pages published last, with its record in the log and the receipt',
    description:
      'What a page from this city must be: the phone’s service worker takes no other file.',
  })
  @ApiOkResponse({ type: RecordedPagesDto })
  latest(): Promise<RecordedPagesDto> {
    return this.queries.execute(new FindRecordedPages(null));
  }

  @Get(':set')
  @ForAnyone()
  @ApiOperation({ summary: 'A set of pages by its name, with its latest record and the receipt' })
  @ApiOkResponse({ type: RecordedPagesDto })
  named(@Param() { set }: PagesSetPathDto): Promise<RecordedPagesDto> {
    return this.queries.execute(new FindRecordedPages(set));
  }
}
