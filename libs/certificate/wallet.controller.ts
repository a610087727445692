import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/identity';
import { ForPhones, ThePrincipal } from '#libs/identity/http';
import { GetPhoneWallet } from './queries/phone-wallet.js';
import { WalletPageDto, WalletPageQuery } from './wallet.dto.js';

/** A holder's own certificates, on the own phone. */
@ApiTags('phone')
@Controller('v1/phone/wallet')
@ForPhones()
export class WalletController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    summary: 'The holder’s certificates with their fields; valid ones first, then by date',
  })
  @ApiOkResponse({ type: WalletPageDto })
  wallet(
    @ThePrincipal() principal: Principal,
    @Query() { page = 1 }: WalletPageQuery,
  ): Promise<WalletPageDto> {
    return this.queries.execute(new GetPhoneWallet(principal, page));
  }
}
