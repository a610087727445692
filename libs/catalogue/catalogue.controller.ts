import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#libs/identity/http';
import {
  MatterCodeDto,
  MatterDto,
  MatterExemptionsDto,
  MattersDto,
  MattersQueryDto,
  TypeCodeDto,
  TypeDto,
  TypesDto,
} from './catalogue.dto.js';
import { MatterExemptionsQuery } from './queries/exemptions.js';
import { FindMatter } from './queries/matter.js';
import { SearchMatters } from './queries/matters.js';
import { FindType, ListTypes } from './queries/types.js';

/**
 * Certificate types, matters, and which of their materials need not be brought: nothing here
 * changes anything or needs a key.
 */
@ApiTags('catalogue')
@Controller('v1')
@Requires('matters:read')
export class CatalogueController {
  constructor(private readonly queries: QueryBus) {}

  @Get('types')
  @ApiOperation({ summary: 'All certificate types' })
  @ApiOkResponse({ type: TypesDto })
  async types(): Promise<TypesDto> {
    return { types: await this.queries.execute(new ListTypes()) };
  }

  @Get('types/:code')
  @ApiOperation({ summary: 'A certificate type and the schema of its fields' })
  @ApiOkResponse({ type: TypeDto })
  type(@Param() { code }: TypeCodeDto): Promise<TypeDto> {
    return this.queries.execute(new FindType(code));
  }

  @Get('matters')
  @ApiOperation({ summary: 'Search matters by words or pinyin, the likeliest first' })
  @ApiOkResponse({ type: MattersDto })
  async matters(@Query() { page = 1, size = 20, ...search }: MattersQueryDto): Promise<MattersDto> {
    const found = await this.queries.execute(new SearchMatters({ ...search, page, size }));
    return { ...found, page, size };
  }

  @Get('matters/:code')
  @ApiOperation({ summary: 'A matter and its materials' })
  @ApiOkResponse({ type: MatterDto })
  async matter(@Param() { code }: MatterCodeDto): Promise<MatterDto> {
    return (await this.queries.execute(new FindMatter(code))).matter;
  }

  @Get('matters/:code/exemptions')
  @ApiOperation({
    summary: 'Which materials of a matter are exemptible, by which fields of which types',
  })
  @ApiOkResponse({ type: MatterExemptionsDto })
  exemptions(@Param() { code }: MatterCodeDto): Promise<MatterExemptionsDto> {
    return this.queries.execute(new MatterExemptionsQuery(code));
  }
}
