import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import { Requires, TheCommand } from '#libs/identity/http';
import {
  ImportCatalogueDto,
  ImportReportDto,
  MatterCodeDto,
  TypeCodeDto,
} from './catalogue.dto.js';
import { CataloguePreviewDto, CatalogueVersionsDto } from './preview.dto.js';
import { PreviewCatalogue } from './queries/preview.js';
import { ListCatalogueVersions } from './queries/versions.js';
import { ImportCatalogue } from './commands/import-catalogue.js';

@ApiTags('catalogue')
@Controller('v1')
@Requires('catalogue:manage')
export class CatalogueImportController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('catalogue/import')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Import a file of types, matters or rules; refused lines are skipped and reported',
    operationId: 'catalogueImport',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: '16 to 128 visible ASCII characters; the same for every retry.',
    example: '3d5b2f0e-6f0c-4a39-8a5b-0f9b1f8f2c77',
  })
  @ApiOkResponse({ type: ImportReportDto })
  import(
    @Body() { content, lineOffset }: ImportCatalogueDto,
    @TheCommand() context: CommandContext,
  ): Promise<ImportReportDto> {
    return this.commands.execute(new ImportCatalogue(context, content, lineOffset ?? 0));
  }

  @Post('catalogue/preview')
  @HttpCode(200)
  @ApiOperation({
    summary: 'What importing this file would change, line by line; nothing is changed',
    operationId: 'cataloguePreview',
  })
  @ApiOkResponse({ type: CataloguePreviewDto })
  preview(@Body() { content, lineOffset }: ImportCatalogueDto): Promise<CataloguePreviewDto> {
    return this.queries.execute(new PreviewCatalogue(content, lineOffset ?? 0));
  }

  @Get('types/:code/versions')
  @ApiOperation({ summary: 'When a certificate type was defined and changed, and by whom' })
  @ApiOkResponse({ type: CatalogueVersionsDto })
  async typeVersions(@Param() { code }: TypeCodeDto): Promise<CatalogueVersionsDto> {
    return { versions: await this.queries.execute(new ListCatalogueVersions('type', code)) };
  }

  @Get('matters/:code/versions')
  @ApiOperation({ summary: 'When a matter and its rules were changed, and by whom' })
  @ApiOkResponse({ type: CatalogueVersionsDto })
  async matterVersions(@Param() { code }: MatterCodeDto): Promise<CatalogueVersionsDto> {
    return { versions: await this.queries.execute(new ListCatalogueVersions('matter', code)) };
  }
}
