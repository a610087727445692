import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { ClientCaller } from './caller.js';
import { Requires, TheClient } from './http/access.js';
import { ListAdministrators } from './queries/administrators.js';

export class AdministratorView {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'administrator',
    description: 'Client id of one who acts by a key; null for an operator.',
  })
  client!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  operator!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '示例·管理员',
    description: 'Null once an operator’s name was erased.',
  })
  name!: string | null;

  @ApiProperty({ example: '管理' })
  department!: string;

  @ApiProperty({ example: false, description: 'Whether it is whoever asks.' })
  isCaller!: boolean;

  @ApiProperty({
    type: String,
    isArray: true,
    example: [],
    description:
      'What controls the keys of both this administrator and the caller: clients, `operator:` operators, thumbprints. Empty: the two may do together what needs two.',
  })
  sharedControl!: readonly string[];
}

export class AdministratorsView {
  @ApiProperty({ type: [AdministratorView] })
  administrators!: readonly AdministratorView[];
}

/** Who the administrators are, and which of them are independent of the caller. */
@ApiTags('operators')
@Controller('v1/administrators')
@Requires('clients:manage')
export class AdministratorsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'Administrators, and who of them is independent of the caller' })
  @ApiOkResponse({ type: AdministratorsView })
  async list(@TheClient() caller: ClientCaller): Promise<AdministratorsView> {
    return { administrators: await this.queries.execute(new ListAdministrators(caller)) };
  }
}
