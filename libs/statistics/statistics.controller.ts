import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#libs/identity/http';
import { ShowPapers } from './queries/papers.js';
import { ShowStatistics } from './queries/statistics.js';
import { PapersDto, PapersQueryDto, StatisticsDto, StatisticsQueryDto } from './statistics.dto.js';

@ApiTags('statistics')
@Controller('v1')
export class StatisticsController {
  constructor(private readonly queries: QueryBus) {}

  @Get('statistics')
  @Requires('statistics:read')
  @ApiOperation({
    summary: 'Exemptions and releases by day, type, matter, department, window or town',
  })
  @ApiOkResponse({ type: StatisticsDto })
  statistics(@Query() { from, to, by }: StatisticsQueryDto): Promise<StatisticsDto> {
    return this.queries.execute(new ShowStatistics(from, to, by ?? 'day'));
  }

  @Get('statistics/papers')
  @Requires('statistics:read')
  @ApiOperation({
    summary: 'Papers that are still brought, by reason, material, matter, day or place, most first',
  })
  @ApiOkResponse({ type: PapersDto })
  papers(@Query() { from, to, by }: PapersQueryDto): Promise<PapersDto> {
    return this.queries.execute(new ShowPapers(from, to, by ?? 'reason'));
  }
}
