import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForPhones } from '#libs/identity/http';
import { ForAnyone } from '#libs/platform';
import { MatterCodeDto, MattersDto, MattersQueryDto } from './catalogue.dto.js';
import { MatterForHoldersDto } from './matters-for-holders.dto.js';
import { ShowMatterToHolder } from './queries/matter-for-holders.js';
import { SearchMatters } from './queries/matters.js';

/** The catalogue as holders look matters up on their phones. */
@ApiTags('phone')
@Controller('v1/phone/matters')
export class MattersForHoldersController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ForPhones()
  @ApiOperation({
    summary: 'Search matters by words or pinyin, the likeliest first',
    operationId: 'searchMattersForHolders',
  })
  @ApiOkResponse({ type: MattersDto })
  async matters(@Query() { page = 1, size = 20, ...search }: MattersQueryDto): Promise<MattersDto> {
    const found = await this.queries.execute(new SearchMatters({ ...search, page, size }));
    return { ...found, page, size };
  }

  @Get(':code')
  @ForPhones()
  @ApiOperation({
    summary:
      'A matter: which materials need not be brought, by which certificates, and which remain',
  })
  @ApiOkResponse({ type: MatterForHoldersDto })
  matter(@Param() { code }: MatterCodeDto): Promise<MatterForHoldersDto> {
    return this.queries.execute(new ShowMatterToHolder(code));
  }
}

/** The same before a key is enrolled: the catalogue is public, and tells of nobody. */
@ApiTags('catalogue')
@Controller('v1/public/matters')
export class PublicMattersController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ForAnyone()
  @ApiOperation({
    summary: 'Search matters without a key',
    operationId: 'searchMattersWithoutKey',
  })
  @ApiOkResponse({ type: MattersDto })
  async matters(@Query() { page = 1, size = 20, ...search }: MattersQueryDto): Promise<MattersDto> {
    const found = await this.queries.execute(new SearchMatters({ ...search, page, size }));
    return { ...found, page, size };
  }

  @Get(':code')
  @ForAnyone()
  @ApiOperation({
    summary: 'A matter, without a key: which materials are exemptible, by which certificates',
    operationId: 'showMatterWithoutKey',
  })
  @ApiOkResponse({ type: MatterForHoldersDto })
  matter(@Param() { code }: MatterCodeDto): Promise<MatterForHoldersDto> {
    return this.queries.execute(new ShowMatterToHolder(code));
  }
}
