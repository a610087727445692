import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import { Requires, TheCommand } from '#libs/identity/http';
import { ImportCatalogueDto, ImportReportDto } from './catalogue.dto.js';
import { ImportCatalogue } from './commands/import-catalogue.js';

@ApiTags('catalogue')
@Controller('v1')
@Requires('catalogue:manage')
export class CatalogueImportController {
  constructor(private readonly commands: CommandBus) {}

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
}
