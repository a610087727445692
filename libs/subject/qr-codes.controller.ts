import { Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { ForPhones, TheCommand, ThePhone, ThePrincipal } from '#libs/identity/http';
import { ShowCode } from './commands/show-code.js';

export class ShownCodeDto {
  @ApiProperty({
    description: 'Value of the QR code: opaque, for one use',
    example: 'q2m0bR7cV1xJ3kYt8wZ5dA',
  })
  code!: string;
  @ApiProperty({ description: 'Expiry, after 60 seconds', example: '2026-11-22T08:01:00.000Z' })
  expires!: string;
}

@ApiTags('phone')
@Controller('v1/phone')
export class QrCodesController {
  constructor(private readonly commands: CommandBus) {}

  @Post('codes')
  @ForPhones()
  @ApiOperation({ operationId: 'showQrCode', summary: 'Issue a QR code to show at a window' })
  @ApiCreatedResponse({ type: ShownCodeDto })
  code(
    @ThePhone() caller: PhoneCaller,
    @ThePrincipal() principal: Principal,
    @TheCommand() context: CommandContext,
  ): Promise<ShownCodeDto> {
    return this.commands.execute(new ShowCode(context, caller, principal));
  }
}
