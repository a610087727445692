import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PhoneCaller } from '#libs/identity';
import { ForPhones, ThePhone } from '#libs/platform';
import { GetPhoneWallet } from './queries/phone-wallet.js';
import { WalletPageDto, WalletPageQuery } from './wallet.dto.js';

/** A holder's own certificates, on the own phone. */
@ApiTags('phone')
@Controller('v1/phone/wallet')
@ForPhones()
export class WalletController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'The own certificates, newest first, with their fields opened' })
  @ApiOkResponse({ type: WalletPageDto })
  wallet(
    @ThePhone() { subject }: PhoneCaller,
    @Query() { page = 1 }: WalletPageQuery,
  ): Promise<WalletPageDto> {
    return this.queries.execute(new GetPhoneWallet(subject, page));
  }
}
